import { expect, test } from 'vitest';
import type { Connections } from '../connections.ts';
import { Upkeep } from './upkeep.ts';

const LIMITS = { chunks: 100, fanIn: 8, most: 32_000, removed: 2_000, removedShare: 20 };

/** Looks at a collection end when they are told to: none is there. */
function slowUpkeep() {
  const ends: (() => void)[] = [];
  const read = async () => {
    await new Promise<void>((resolve) => ends.push(resolve));
    return undefined;
  };
  const connections = { read, write: read } as unknown as Pick<Connections, 'read' | 'write'>;
  const onFault = (error: unknown) => expect.unreachable(String(error));
  return { upkeep: new Upkeep(connections, { limits: LIMITS, onFault }), ends };
}

test('what was written during a look is looked at when that ends, though nothing comes after it', async () => {
  const { upkeep, ends } = slowUpkeep();
  await upkeep.note('a', 100);
  await upkeep.note('a', 100);
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await expect.poll(() => ends).toHaveLength(2);
  // Nothing was written meanwhile.
  ends[1]?.();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(ends).toHaveLength(2);
});

test('a writer that is too far ahead waits until its call is aborted, which undoes nothing', async () => {
  const { upkeep } = slowUpkeep();
  await upkeep.note('a', 100);
  const stop = new AbortController();
  let isOver = false;
  const waiting = upkeep.note('a', 800, stop.signal).then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isOver).toBe(false);
  stop.abort();
  await waiting;
  await upkeep.note('a', 800, stop.signal);
});
