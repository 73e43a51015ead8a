import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createRegistry } from '../../src/index.ts';
import { createFakeClock, MemoryBackend } from '../../src/testing/index.ts';

test('invariant 19: ten minutes of outage at 5,000 calls a second grow the heap by less than a megabyte', async () => {
  const clock = createFakeClock();
  const store = new MemoryBackend({ clock }).connect();
  const registry = createRegistry({ service: 's', store, clock, random: () => 0.5 }).define({
    a: {},
    b: {},
    c: {},
    d: {},
  });
  void registry.start();
  await clock.advance(1_500);
  store.down = true;
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const second = async () => {
    for (let i = 0; i < 1_250; i++) {
      for (const name of ['a', 'b', 'c', 'd'] as const) await registry.get(name).execute(() => i);
    }
    await clock.advance(1_000);
  };
  for (let s = 0; s < 30; s++) await second();
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let s = 0; s < 600; s++) await second();
  gc();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
}, 600_000);
