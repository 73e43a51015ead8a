import { expect, it } from 'vitest';
import { partAndMend, startPartedStack, untilAllDone } from './testing/partition.ts';

it('loses nothing that it acknowledged while the master is cut off, nor when that one comes back', async () => {
  await using parted = await startPartedStack({ pages: 8 });
  const seen = await partAndMend(parted, 'parted');
  expect(seen.tookMs, 'the old master stops taking writes').toBeDefined();
  expect(seen.tookMs).toBeLessThan(4_000);
  expect(seen.refusedAlone).toBeGreaterThan(0);
  expect(seen.accepted.length).toBeGreaterThan(0);
  await untilAllDone(parted, seen);
  // It was a master of its own, whose data are gone.
  expect(await (await parted.group.master()).client.exists(seen.lost)).toBe(0);
}, 120_000);
