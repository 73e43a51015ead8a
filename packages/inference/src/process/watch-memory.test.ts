import { expect, it } from 'vitest';
import type { ModelRole } from '../model.ts';
import { type FreeMemory, watchMemory } from './watch-memory.ts';

/** What is said of each role while that much of a limit of 100 is free, one look after another. */
async function shortIn(role: ModelRole, free: readonly number[]): Promise<readonly number[]> {
  const short: number[] = [];
  const looks = [...free];
  const seen = Promise.withResolvers<void>();
  const read = (): FreeMemory | undefined => {
    if (looks.length === 0) seen.resolve();
    const freeBytes = looks.shift();
    return freeBytes === undefined ? undefined : { freeBytes, limitBytes: 100 };
  };
  using _watch = watchMemory(role, ({ freeBytes }) => short.push(freeBytes), read);
  await seen.promise;
  return short;
}

it('gives up the generator first, then the reranker, then the embedder', async () => {
  const free = [15, 6, 4.5, 3.5, 2.5];
  expect(await shortIn('generate', free)).toEqual([4.5, 3.5, 2.5]);
  expect(await shortIn('rerank', free)).toEqual([3.5, 2.5]);
  expect(await shortIn('embed', free)).toEqual([2.5]);
});

it('says nothing without a limit', async () => {
  expect(await shortIn('generate', [])).toEqual([]);
});
