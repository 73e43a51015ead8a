import { join } from 'node:path';
import { continueTrace } from '@xnai/service/trace';
import { handOverSpans, type SpanMessage } from '@xnai/service/trace-child';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Prompt } from './model.ts';
import {
  collect,
  makeTestDirectory,
  openTestModels,
  type TestModels,
  untilState,
} from './testing/open-test-models.ts';
import { writeRandomBert } from './testing/random-bert.ts';
import { writeScriptedModel } from './testing/scripted-model.ts';

const directory = makeTestDirectory();
const spans: SpanMessage[] = [];
let test: TestModels;

beforeAll(async () => {
  const file = (name: string) => join(directory.path, `${name}.gguf`);
  writeScriptedModel(file('yes'), ['yes', 'No']);
  writeRandomBert(file('embed'), 'embed');
  writeRandomBert(file('rerank'), 'rerank');
  handOverSpans((span) => spans.push(span));
  test = openTestModels({ generate: file('yes'), embed: file('embed'), rerank: file('rerank') });
  const { generator, embedder, reranker } = test.models;
  for (const model of [generator, embedder, reranker]) await untilState(model, 'ready');
}, 90_000);
afterAll(async () => {
  await test?.[Symbol.asyncDispose]();
  directory.remove();
});

const QUESTION: Prompt = { kind: 'chat', messages: [{ role: 'user', content: 'A private question?' }] };

/** The spans of a call, in the order of their end. */
async function traced(call: () => Promise<unknown>): Promise<readonly SpanMessage[]> {
  spans.length = 0;
  await continueTrace(undefined, 'test', {}, call).catch(() => undefined);
  expect(JSON.stringify(spans)).not.toContain('private');
  return spans.slice(0, -1);
}

it.each([
  ['embeddings', 'embed', () => test.models.embedder.embed(['private'], 'query')],
  ['rerank', 'rerank', () => test.models.reranker.rerank('private', ['text'])],
  ['judge', 'yes', () => test.models.generator.judge([QUESTION])],
])('%s: a span with its model and tokens, and the wait for a place', async (operation, model, call) => {
  const [queue, span] = await traced(call);

  expect(span).toMatchObject({
    name: `${operation} ${model}`,
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.request.model': model,
      'gen_ai.usage.input_tokens': expect.any(Number),
    },
  });
  expect(queue).toMatchObject({ name: 'model queue', parentSpanId: span?.context.spanId });
});

it('a generation that is left by its reader, or fails, is a span that says so', async () => {
  const { generator } = test.models;
  const request = { prompt: QUESTION, maxTokens: 50 };
  const left = await traced(async () => {
    for await (const _event of generator.generate(request)) break;
  });
  expect(left.at(-1)).toMatchObject({
    name: 'chat yes',
    status: { code: 2 },
    attributes: { 'error.type': 'cancelled' },
  });

  const long = { kind: 'text', text: 'word '.repeat(20_000) } as const;
  const failed = await traced(() => collect(generator, { prompt: long }));
  expect(failed.at(-1)).toMatchObject({
    name: 'text_completion yes',
    attributes: { 'error.type': 'PROMPT_TOO_LONG' },
  });
});

it('outside of a trace there is no span', async () => {
  spans.length = 0;
  await test.models.embedder.embed(['text'], 'query');
  expect(spans).toEqual([]);
});
