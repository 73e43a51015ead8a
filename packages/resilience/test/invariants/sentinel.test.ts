import { startSentinels, waitUntil } from '@xnai/testing';
import { expect, test } from 'vitest';
import { failOver } from '../support/failovers.ts';
import { breakIt, openReplicas, quick } from '../support/local-fleet.ts';

test('invariants 2, 9, 11: breakers keep what they know while the master is lost, though it had told no replica', async () => {
  await using group = await startSentinels();
  await using fleet = await openReplicas(3, { url: group.url }, quick, {
    timing: { pollMs: 200, pollDownMs: 100 },
  });
  await breakIt(fleet[0] as never);
  await waitUntil('all are open', () => fleet.every((one) => one.get('dep').state !== 'closed'));
  const old = await group.master();
  const ms = await failOver(group, fleet, 'kill');
  expect(ms).toBeGreaterThan(0);
  expect(await group.master()).not.toBe(old);
  expect(fleet.map((one) => one.get('dep').state)).toEqual(['isolated', 'isolated', 'isolated']);
}, 90_000);
