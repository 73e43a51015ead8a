import type { Generator } from '@xnai/inference';
import { openTestModels, type TestModels, type TestModelsOptions } from '@xnai/inference/testing';
import OpenAI from 'openai';
import { AUTH, openTestRag, TEST_KEY, type TestRagOptions } from '../../testing/open-test-rag.ts';

export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  readonly client: OpenAI;
  readonly test: TestModels;
  put(id: string, content: string, collection?: string, more?: object): Promise<void>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface TestApiOptions
  extends TestModelsOptions,
    Pick<TestRagOptions, 'memorySources' | 'consoleFolder' | 'publicUrl'> {
  /** Puts something in place of a part of the generator. */
  readonly change?: (generator: Generator) => Generator;
}

/** The whole service on a free port, with real models and a real index, and OpenAI's own client for it. */
export async function openTestApi({
  memorySources,
  consoleFolder,
  publicUrl,
  change = (generator) => generator,
  ...options
}: TestApiOptions): Promise<TestApi> {
  const test = openTestModels(options);
  const models = { ...test.models, generator: change(test.models.generator) };
  const rag = await openTestRag({
    openModels: () => models,
    ...(memorySources === undefined ? {} : { memorySources }),
    ...(consoleFolder === undefined ? {} : { consoleFolder }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  });
  const url = await rag.app.listen({ host: '127.0.0.1', port: 0 });
  const post = (path: string, body: unknown, headers = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { ...AUTH, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    url,
    key: TEST_KEY,
    client: new OpenAI({ apiKey: TEST_KEY, baseURL: `${url}/v1`, maxRetries: 0 }),
    test,
    post,
    async put(id, content, collection = 'default', more = {}) {
      const path = `/v1/collections/${collection}/documents/${id}`;
      await rag.call('PUT', path, { content, content_type: 'text/markdown', ...more });
    },
    async [Symbol.asyncDispose]() {
      await rag[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    },
  };
}
