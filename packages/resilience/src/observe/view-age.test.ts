import { expect, test } from 'vitest';
import { createRegistry } from '../index.ts';
import { createFakeClock, MemoryBackend } from '../testing/index.ts';

test('the view of a breaker without a record is as old as the last poll, and ages while the store is away', async () => {
  const clock = createFakeClock();
  const store = new MemoryBackend({ clock }).connect();
  await using registry = createRegistry({ service: 's', store, clock, random: () => 0.5 }).define({
    quiet: {},
  });
  void registry.start();
  const ageMs = () => registry.snapshot()[0]?.viewAgeMs ?? Number.POSITIVE_INFINITY;
  // A poll each second, without jitter.
  await clock.advance(30_000);
  expect(ageMs()).toBeLessThanOrEqual(1_000);
  store.down = true;
  const before = ageMs();
  await clock.advance(30_000);
  expect(ageMs()).toBe(before + 30_000);
  store.down = false;
  await clock.advance(2_000);
  expect(ageMs()).toBeLessThanOrEqual(1_000);
});
