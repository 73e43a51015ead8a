import { startSentinels } from '@xnai/testing';
import { expect, test } from 'vitest';
import { type End, failOver } from '../support/failovers.ts';
import { breakIt, openReplicas, quick } from '../support/local-fleet.ts';

const ENDS: readonly End[] = ['kill', 'pause', 'demote'];
const FAILOVERS = 20;

test(`breakers keep what they know over ${FAILOVERS} failovers`, async () => {
  await using group = await startSentinels();
  await using fleet = await openReplicas(
    3,
    { url: group.url },
    { ...quick, openMs: 3_600_000, maxOpenMs: 3_600_000 },
  );
  await breakIt(fleet[0] as never);
  const times: number[] = [];
  for (let n = 0; n < FAILOVERS; n++) times.push(await failOver(group, fleet, ENDS[n % ENDS.length] as End));
  times.sort((a, b) => a - b);
  const seconds = (ms = 0) => (ms / 1000).toFixed(1);
  process.stdout.write(
    `without a master: median ${seconds(times[FAILOVERS / 2])} s, longest ${seconds(times.at(-1))} s of ${FAILOVERS}, with a master lost after 1 s\n`,
  );
  expect(times).toHaveLength(FAILOVERS);
}, 1_200_000);
