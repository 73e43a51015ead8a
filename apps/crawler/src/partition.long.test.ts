import { expect, it } from 'vitest';
import { partAndMend, startPartedStack, untilAllDone } from './testing/partition.ts';

const PARTITIONS = 10;

it(`loses nothing that it acknowledged over ${PARTITIONS} partitions in mid-crawl`, async () => {
  await using parted = await startPartedStack({ pages: 12 });
  const took: number[] = [];
  let [refused, accepted] = [0, 0];
  for (let n = 0; n < PARTITIONS; n++) {
    const seen = await partAndMend(parted, `parted-${n}`);
    expect(seen.accepted.length).toBeGreaterThan(0);
    await untilAllDone(parted, seen);
    expect(await (await parted.group.master()).client.exists(seen.lost)).toBe(0);
    took.push(seen.tookMs ?? Number.POSITIVE_INFINITY);
    refused += seen.refusedAlone;
    accepted += seen.accepted.length + seen.acceptedAlone.length;
  }
  took.sort((a, b) => a - b);
  process.stdout.write(
    `${PARTITIONS} partitions: a master that was cut off took writes for ${took[PARTITIONS / 2]?.toFixed()} ms (median), ${took.at(-1)?.toFixed()} ms (longest), all unconfirmed; ${refused} submissions to its crawler were refused, ${accepted} were accepted and carried out\n`,
  );
  // Two seconds of lag, as the test's servers have it, and the second of their clock.
  expect(took.at(-1)).toBeLessThan(6_000);
}, 1_800_000);

it('acknowledges and loses without WAIT and min-replicas-to-write: the test above can fail', async () => {
  await using parted = await startPartedStack({ pages: 4, args: [], isWatching: false });
  const { acceptedAlone, tookMs } = await partAndMend(parted, 'lost');
  expect(tookMs).toBeUndefined();
  expect(acceptedAlone.length).toBeGreaterThan(0);
  for (const id of acceptedAlone)
    expect((await parted.other.request('GET', `/v1/crawls/${id}`)).status).toBe(404);
  // Else the crawler that knows of no other server cannot put its work back at its end: this one stays a replica.
  for (const sentinel of parted.group.sentinels) await sentinel.kill();
  await parted.group.servers[0]?.client.replicaof('NO', 'ONE');
}, 300_000);
