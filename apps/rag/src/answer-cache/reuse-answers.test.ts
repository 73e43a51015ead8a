import { QueryRequest, type QueryResponse } from '@xnai/contracts';
import { deadlineIn } from '@xnai/resilience';
import { expect, test } from 'vitest';
import type { Ask } from '../ask/ask.ts';
import type { KeptAnswer } from './kept-answers.ts';
import { reuseAnswers } from './reuse-answers.ts';

const REQUEST = QueryRequest.parse({ query: 'walrus' });
const CALLER = { scopes: ['query'] } as const;
const ANSWER: QueryResponse = {
  ...{ answer: 'Clams. [1]', mode: 'extractive', citations: [], degraded: [] },
  retrieval: { mode: 'lexical', reranked: false, took_ms: 1 },
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  timings: { retrieval_ms: 1, answer_ms: 1, total_ms: 2 },
};

/** With a cache in memory, and a key that a test may change. */
function setUp(ask: Ask) {
  const kept = new Map<string, KeptAnswer>();
  const outcomes: string[] = [];
  const world = { key: 'a', asked: 0, kept, outcomes };
  const answer = reuseAnswers({
    ask: (request, options) => {
      world.asked += 1;
      return ask(request, options);
    },
    keyOf: async () => world.key,
    kept: {
      read: async (key) => kept.get(key),
      keep: async (one) => {
        kept.set(one.key, one);
        return true;
      },
    },
    metrics: { asked: (outcome) => void outcomes.push(outcome), kept: () => {} },
  });
  return {
    ...{ ...world, world },
    answer: (options = {}, request = REQUEST) => answer(request, { ...CALLER, ...options }),
  };
}

test('an answer that lacked something is not kept', async () => {
  const { answer, kept } = setUp(async () => ({ ...ANSWER, degraded: ['reranker'] }));
  await answer();
  expect(kept.size).toBe(0);
});

test('an answer that is drawn is made anew each time, and one by a seed is kept', async () => {
  const { answer, kept, outcomes } = setUp(async () => ANSWER);
  const drawn = QueryRequest.parse({ query: 'walrus', temperature: 1 });
  await answer({}, drawn);
  await answer({}, drawn);
  expect([outcomes, kept.size]).toEqual([['bypass', 'bypass'], 0]);
  await answer({}, { ...drawn, seed: 7 });
  expect(kept.size).toBe(1);
});

test('a failure is not kept, and the next caller tries anew', async () => {
  let fails = true;
  const { answer, kept } = setUp(async () => {
    if (!fails) return ANSWER;
    fails = false;
    throw new Error('down');
  });
  await expect(answer()).rejects.toThrow('down');
  expect(kept.size).toBe(0);
  expect(await answer()).not.toHaveProperty('cached');
  expect(kept.size).toBe(1);
});

test('an answer is kept where its deadline was far, and not where a quarter of the time has passed', async () => {
  const late = { remainingMs: () => left.shift() ?? 749, expired: false, signal: undefined };
  const left = [1000];
  const { answer, kept } = setUp(async () => ANSWER);
  await answer({ deadline: late as never });
  expect(kept.size).toBe(0);
  await answer({ deadline: deadlineIn(600_000) });
  expect(kept.size).toBe(1);
});

test('an answer is not kept when what it depends on has changed meanwhile', async () => {
  const { answer, kept, world } = setUp(async () => {
    world.key = 'b';
    return ANSWER;
  });
  await answer();
  expect(kept.size).toBe(0);
});

test('when the caller leaves who has the turn, one of those who wait takes it', async () => {
  const leaving = new AbortController();
  const begun = Promise.withResolvers<void>();
  const { answer, outcomes } = setUp(async (_, options) => {
    if (options?.signal !== leaving.signal) return ANSWER;
    begun.resolve();
    return new Promise((_resolve, reject) => {
      leaving.signal.addEventListener('abort', () => reject(leaving.signal.reason));
    });
  });
  const first = answer({ signal: leaving.signal });
  const others = [answer(), answer()];
  await begun.promise;
  leaving.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  const given = await Promise.all(others);
  expect(given.filter(({ cached }) => cached)).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'miss')).toHaveLength(2);
});

test('of several who wait for an answer that cannot be shared, none waits for another', async () => {
  const held = Promise.withResolvers<QueryResponse>();
  const degraded: QueryResponse = { ...ANSWER, degraded: ['model'] };
  let asked = 0;
  const { answer } = setUp(async () => {
    asked += 1;
    return asked === 1 ? held.promise : degraded;
  });
  const all = [answer(), answer(), answer()];
  held.resolve(degraded);
  for (const one of await Promise.all(all)) expect(one).not.toHaveProperty('cached');
  expect(asked).toBe(3);
});

test('those who wait for a streamed answer do not wait for its slow reader', async () => {
  const read = Promise.withResolvers<void>();
  const { answer } = setUp(async (_, options) => {
    await options?.listener?.token('Clams. [1]');
    return ANSWER;
  });
  const heard: string[] = [];
  const token = async (text: string) => {
    await read.promise;
    heard.push(text);
  };
  const streamed = answer({ listener: { sources: async () => {}, token } });
  expect(await answer()).toMatchObject({ cached: true });
  expect(heard).toEqual([]);
  read.resolve();
  expect(await streamed).not.toHaveProperty('cached');
  expect(heard).toEqual(['Clams. [1]']);
});
