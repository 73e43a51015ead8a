import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedInfo } from '../child/messages.ts';
import { type HostileServer, json, startHostileServer } from '../testing/hostile-server.ts';
import { NO_SKILLS } from './probe-skills.ts';
import { embedRemotely, rerankRemotely } from './read-remotely.ts';
import { REMOTE_LIMITS } from './remote-limits.ts';
import { createServerClient, type ServerClient } from './server-client.ts';

let server: HostileServer;
let client: ServerClient;
const { signal } = new AbortController();
const info = { id: 'served', dimensions: 2 } as LoadedInfo;

beforeAll(async () => {
  server = await startHostileServer();
  const limits = { ...REMOTE_LIMITS, answerMs: 200, maxAnswerBytes: 100_000 };
  client = createServerClient({ base: `${server.url}/v1`, key: undefined, limits });
});
afterAll(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const vector = (index: number, embedding: number[]) => ({ index, embedding });

describe('vectors of a server', () => {
  const embed = (texts: readonly string[]) =>
    embedRemotely(
      { kind: 'embed', texts, prefix: '', onOverflow: 'divide' },
      { client, info, can: NO_SKILLS },
      signal,
    );

  it('are brought to unit length and into the order of the texts, around texts that say nothing', async () => {
    server.answer = (r) =>
      json(r, { data: [vector(1, [0, 2]), vector(0, [3, 4])], usage: { prompt_tokens: 5 } });
    const { vectors, tokens } = await embed(['a', ' ', 'b']);
    expect(vectors.map((one) => [...one].map((value) => Number(value.toFixed(2))))).toEqual([
      [0.6, 0.8],
      [],
      [0, 1],
    ]);
    expect(tokens).toBe(5);
  });

  it.each([
    ['of other dimensions', { data: [vector(0, [1, 2, 3])] }, '3 dimensions instead of 2'],
    ['for fewer texts', { data: [] }, '0 vectors for 1 texts'],
    ['for one text twice', { data: [vector(0, [1, 2]), vector(0, [1, 2])] }, '2 vectors for 1 texts'],
    [
      'that hold no numbers',
      { data: [{ index: 0, embedding: ['a'] }] },
      'JSON of another form (at data.0.embedding.0)',
    ],
    ['of another model', { model: 'other', data: [vector(0, [1, 2])] }, 'another model'],
    ['without end', { data: [vector(0, Array(100_000).fill(1))] }, 'more than 100000 bytes'],
  ])('%s are refused', async (_, answer, message) => {
    server.answer = (response) => json(response, answer);
    await expect(embed(['a'])).rejects.toThrow(message);
  });

  it('of texts that are too long for the server are made of their halves', async () => {
    server.answer = (response, { input }) => {
      if (input.join('').length > 300) json(response, { error: 'input is too large to process' }, 500);
      else json(response, { data: input.map((_: string, index: number) => vector(index, [1, 0])) });
    };
    const { vectors, parts } = await embed(['word '.repeat(200), 'short']);
    expect(parts).toEqual([4, 1]);
    expect(vectors.map((one) => [...one])).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('that drip are given up', async () => {
    server.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 10);
      response.once('close', () => clearInterval(timer));
    };
    await expect(embed(['a'])).rejects.toThrow('did not answer within 0.2 s');
  });
});

it('scores of a server that are logits are brought to 0 to 1', async () => {
  const results = [
    { index: 1, relevance_score: -3 },
    { index: 0, relevance_score: 3 },
  ];
  server.answer = (response) => json(response, { results });
  const call = { kind: 'rerank', query: 'q', texts: ['a', 'b'] } as const;
  const ask = (scoresAreLogits: boolean) =>
    rerankRemotely(call, { client, info, can: { ...NO_SKILLS, scoresAreLogits } }, signal);
  expect((await ask(false)).scores).toEqual([3, -3]);
  const [high = 0, low = 0] = (await ask(true)).scores;
  expect(high).toBeCloseTo(0.953, 3);
  expect(low).toBeCloseTo(0.047, 3);
});

it('scores a text that is too long for the server by the better of its halves', async () => {
  server.answer = (response, { documents }) => {
    if (documents.join('').length > 300) return json(response, { error: 'too many tokens' }, 413);
    const scoreOf = (text: string) => (text.includes('end') ? 0.9 : 0.1);
    json(response, {
      results: documents.map((text: string, index: number) => ({ index, relevance_score: scoreOf(text) })),
    });
  };
  const texts = [`${'word '.repeat(100)}end`, 'short'];
  const call = { kind: 'rerank', query: 'q', texts } as const;
  expect((await rerankRemotely(call, { client, info, can: NO_SKILLS }, signal)).scores).toEqual([0.9, 0.1]);
});
