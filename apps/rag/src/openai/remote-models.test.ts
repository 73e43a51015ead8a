import { join } from 'node:path';
import type { QueryResponse, Readiness, SearchResponse } from '@xnai/contracts';
import { makeTestDirectory, untilState, writeRandomBert, writeScriptedModel } from '@xnai/inference/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApi, type TestApi } from './testing/open-test-api.ts';

// The second party is another rag: whatever it answers comes through HTTP, as from any model server.
const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
const ANSWER = ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.'];
const QUESTION = { query: 'What is the upload limit?' };
let far: TestApi;
let near: TestApi;

beforeAll(async () => {
  writeScriptedModel(file('far'), ANSWER);
  writeScriptedModel(file('near'), ANSWER);
  writeRandomBert(file('embed'), 'embed');
  writeRandomBert(file('rerank'), 'rerank');
  const files = { generate: file('far'), embed: file('embed'), rerank: file('rerank') };
  far = await openTestApi({ ...files });
  await untilReady(far);
  near = await openNear();
});
afterAll(async () => {
  await near[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
  directory.remove();
});

async function untilReady({ test: { models } }: TestApi): Promise<TestApi['test']['models']> {
  for (const port of [models.generator, models.embedder, models.reranker]) await untilState(port, 'ready');
  return models;
}

/** Everything is asked of the other rag; local files stand by. */
async function openNear(local: { generate?: string; embed?: string } = {}): Promise<TestApi> {
  const remote = { servers: [{ base: `${far.url}/v1` }], key: far.key };
  const near = await openTestApi({
    ...local,
    config: { remote: { generate: remote, embed: remote, rerank: remote } },
    remoteLimits: { lookEveryMs: 200, lookAgainMs: 50 },
  });
  await near.put('guide', '# Uploads\n\nThe upload limit is 20 MB. Larger files are refused.');
  await untilReady(near);
  return near;
}

async function ask(api: TestApi): Promise<QueryResponse> {
  return (await (await api.post('/v1/query', QUESTION)).json()) as QueryResponse;
}

async function readyz(api: TestApi): Promise<Readiness> {
  return (await (await fetch(`${api.url}/readyz`)).json()) as Readiness;
}

it('searches by the embedder and the reranker of another rag as by its own', async () => {
  const { embedder, reranker } = near.test.models;
  const texts = ['a text', 'another text', ' '];
  const [own, its] = await Promise.all(
    [far, near].map(({ test }) => test.models.embedder.embed(texts.slice(0, 2), 'query')),
  );
  expect(its?.vectors.map((vector) => [...vector].map((value) => value.toFixed(4)))).toEqual(
    own?.vectors.map((vector) => [...vector].map((value) => value.toFixed(4))),
  );
  await expect(embedder.embed(texts, 'document')).rejects.toMatchObject({ code: 'INPUT_EMPTY' });
  const scores = await reranker.rerank('upload', ['one text', 'a second']);
  expect(scores.scores).toHaveLength(2);
  const search = async () =>
    (await (
      await near.post('/v1/search', { query: 'upload limit', mode: 'dense' })
    ).json()) as SearchResponse;
  await expect.poll(async () => (await search()).results?.length, { timeout: 20_000 }).toBe(1);
  expect(await search()).toMatchObject({ retrieval: { mode: 'dense', reranked: true }, degraded: [] });
});

it('answers by the model of another rag, and says where it is and what it cannot do', async () => {
  expect(await ask(near)).toMatchObject({
    answer: 'The upload limit is 20 MB [1].',
    mode: 'generative',
    citations: [{ document_id: 'guide', verified: true }],
    usage: { completion_tokens: 8 },
    degraded: [],
  });
  await expect
    .poll(async () => (await readyz(near)).checks['judge'])
    .toEqual({ status: 'absent', detail: 'off: the model server gives no probabilities of yes and no' });
  const { checks } = await readyz(near);
  expect(checks['model']).toMatchObject({
    status: 'ok',
    detail: expect.stringMatching(
      /^far at .*breaker closed; 4096 tokens; tokens are estimated; answers are held/,
    ),
  });
  expect(checks['model-server']).toMatchObject({ status: 'ok', detail: { model: expect.any(String) } });
  const models = await near.client.models.list();
  expect(models.data.find(({ id }) => id === 'far')).toMatchObject({
    max_model_len: 4096,
    servers: [{ url: `${far.url}/v1`, model: 'far', status: 'ok', breaker: 'closed' }],
  });
});

it('hands a chat, its limits and the schema of its answer on', async () => {
  const messages = [{ role: 'user' as const, content: 'What is the limit?' }];
  const stream = await near.client.chat.completions.create({
    model: 'far',
    messages,
    stream: true,
    max_tokens: 3,
  });
  const chunks = await Array.fromAsync(stream, ({ choices: [choice] }) => choice);
  expect(chunks.map((choice) => choice?.delta.content ?? '').join('')).toBe('The upload limit ');
  expect(chunks.at(-1)?.finish_reason).toBe('length');
  const schema = {
    type: 'object',
    properties: { a: { const: 1 } },
    required: ['a'],
    additionalProperties: false,
  };
  const held = await near.client.chat.completions.create({
    model: 'far',
    messages,
    response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
  });
  expect(JSON.parse(held.choices[0]?.message.content ?? '')).toEqual({ a: 1 });
});

it('lets local models stand in while the servers cannot answer, and says so', async () => {
  await using third = await openNear({ generate: file('near'), embed: file('embed') });
  const { embedder, generator } = third.test.models;
  const { fingerprint } = embedder.state();
  for (const port of [embedder, generator])
    await expect.poll(() => port.state().detail, { timeout: 20_000 }).toContain('a local model stands by');
  await far.test.models[Symbol.asyncDispose]();
  expect((await embedder.embed(['a'], 'query')).vectors).toHaveLength(1);
  expect(embedder.state()).toMatchObject({ status: 'ready', isStandIn: true, fingerprint });
  expect(await ask(third)).toMatchObject({
    mode: 'generative',
    degraded: expect.arrayContaining(['model-server']),
  });
  const { checks, degraded } = await readyz(third);
  expect(degraded).toContain('model-server');
  expect(checks['model']).toMatchObject({
    status: 'ok',
    detail: expect.stringMatching(/^a local model stands in: near on CPU/),
  });
});
