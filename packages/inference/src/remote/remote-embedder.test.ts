import type { ServerResponse } from 'node:http';
import { afterAll, expect, it } from 'vitest';
import { QUESTION_SETS } from '../child/probe-questions.ts';
import { parseServers } from '../server-address.ts';
import { json, startHostileServer } from '../testing/hostile-server.ts';
import {
  makeTestDirectory,
  openTestModels,
  type TestModels,
  untilState,
} from '../testing/open-test-models.ts';

const directory = makeTestDirectory();
afterAll(() => directory.remove());

const PAIRS = QUESTION_SETS.flat();
const FAST = { lookAgainMs: 20, lookEveryMs: 40, answerMs: 1_000 };

/** Of a model that knows the questions of the probe, and nothing else. */
function vectorOf(text: string, dimensions: number): number[] {
  const at = PAIRS.findIndex(({ question, passage }) => text === question || text === passage);
  return Array.from({ length: dimensions }, (_, n) => (n === at ? 1 : 0.01));
}

const embedWith = (dimensions: number) => (response: ServerResponse, body: { readonly input?: string[] }) =>
  json(response, {
    model: 'served',
    data: (body.input ?? []).map((text, index) => ({ index, embedding: vectorOf(text, dimensions) })),
  });

const open = (urls: string): TestModels =>
  openTestModels({
    config: { remote: { embed: { servers: parseServers(urls), key: undefined } } },
    remoteLimits: FAST,
  });
const embed = ({ models }: TestModels) => models.embedder.embed(['a text'], 'query');

it('notices another model under the same name by its vectors, and takes no part of it', async () => {
  await using server = await startHostileServer();
  server.answer = embedWith(64);
  await using test = open(server.url);
  const { embedder } = test.models;
  await untilState(embedder, 'ready');
  expect((await embed(test)).vectors[0]).toHaveLength(64);

  server.answer = embedWith(48);
  await expect(embed(test)).rejects.toThrow('gave a vector of 48 dimensions instead of 64');
  expect((await untilState(embedder, 'down')).detail).toContain(
    'makes other vectors under the name served than were made before',
  );
  server.answer = embedWith(64);
  await untilState(embedder, 'ready');
  expect((await embed(test)).vectors[0]).toHaveLength(64);
});

it('keeps a server that is too busy for a probe of the model that it had', async () => {
  await using server = await startHostileServer();
  server.answer = embedWith(64);
  await using test = open(server.url);
  const { embedder } = test.models;
  await untilState(embedder, 'ready');
  let calls = 0;
  server.answer = (response) => {
    calls += 1;
    response.writeHead(calls === 1 ? 500 : 429).end();
  };
  await expect(embed(test)).rejects.toThrow('500');
  await expect.poll(() => calls).toBeGreaterThan(4);
  expect(embedder.state().status).toBe('ready');
  server.answer = embedWith(48);
  expect((await untilState(embedder, 'down')).detail).toContain('makes other vectors');
});

it.each([
  ['half a JSON', '{"data": [{"ind', 'answered JSON that is cut off or malformed'],
  ['NaN', '{"data": [{"index": 0, "embedding": [NaN]}]}', 'answered JSON that is cut off or malformed'],
  [
    'null for a number',
    '{"data": [{"index": 0, "embedding": [null]}]}',
    '(at data.0.embedding.0): expected number, received null',
  ],
  [
    'numbers without bounds',
    `{"data": [{"index": 0, "embedding": [${Array(64).fill('1e308')}]}]}`,
    'gave a vector whose length is no number',
  ],
  [
    'vectors without order',
    `{"data": [{"index": 7, "embedding": [${Array(64).fill(1)}]}]}`,
    'gave vectors that are not numbered from 0 to 0',
  ],
])('says of %s what is wrong with it, and asks the other server', async (_, text, message) => {
  await using bad = await startHostileServer();
  await using good = await startHostileServer();
  for (const server of [bad, good]) server.answer = embedWith(64);
  await using test = open(`${bad.url},${good.url}`);
  const { embedder } = test.models;
  await untilState(embedder, 'ready');
  await expect.poll(() => embedder.servers?.().map(({ status }) => status)).toEqual(['ok', 'ok']);
  let count = 0;
  bad.answer = (response) => {
    count += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  };
  while (count === 0) expect((await embed(test)).vectors[0]).toHaveLength(64);
  expect((await embed(test)).vectors[0]).toHaveLength(64);
  await expect.poll(() => embedder.state().detail).toContain(message);
});
