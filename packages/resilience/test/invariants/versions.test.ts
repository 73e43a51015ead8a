import { createHash } from 'node:crypto';
import { startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { expect, test } from 'vitest';
import { createRegistry } from '../../src/index.ts';
import { connectRedis, fastFailing } from '../../src/redis/connection.ts';
import { createRecords } from '../../src/redis/records.ts';
import { hear } from '../../src/redis/redis-store.ts';
import { readScripts, type Script } from '../../src/redis/scripts.ts';
import type { BreakerStore } from '../../src/store/store.ts';
import { breakIt, openReplicas, quick } from '../support/local-fleet.ts';

const key = 'xnai:brk:{test:dep}';

/** A script as the next version may have it: more fields in the record, and more in what is told. */
const nextOf = ({ text }: Script): Script => {
  const more = text
    .replace("schema = '1',", "schema = '2',\n    mood = 'calm',\n    ['x:r9'] = '1|2',")
    .replace('    v = 1,', "    v = 2,\n    aura = { colour = 'blue' },");
  return { text: more, sha: createHash('sha1').update(more).digest('hex') };
};

/** The store of a replica of that version. */
const openNextStore = (server: TestRedis): BreakerStore => {
  const open = () => connectRedis(server.url, fastFailing(2_000));
  const [client, subscriber] = [open(), open()];
  const scriptsOf = () =>
    Object.fromEntries(
      Object.entries(readScripts()).map(([name, script]) => [name, nextOf(script)]),
    ) as ReturnType<typeof readScripts>;
  const records = createRecords(client, { scriptsOf });
  return {
    ...records,
    start(events) {
      subscriber.on('message', (_, text: string) => hear(text, events));
      void subscriber.connect().then(() => subscriber.subscribe(records.channel));
      void client.connect().then(events.onReady);
    },
    async close() {
      client.disconnect();
      subscriber.disconnect();
    },
  };
};

test('invariant 23: this version and the next share a fleet, whichever of them writes', async () => {
  await using server = await startRedis();
  await using old = await openReplicas(2, { url: server.url }, { ...quick, openMs: 200, maxOpenMs: 200 });
  await using next = createRegistry({
    service: 'test',
    store: openNextStore(server),
    timing: { startWaitMs: 5_000 },
  }).define({ dep: { ...quick, openMs: 200, maxOpenMs: 200 } });
  await next.start();
  const all = [...old, next];
  const closes = async (by: (typeof all)[number]) => {
    await waitUntil('a probe closes it', async () => {
      await by
        .get('dep')
        .execute(() => 'fine')
        .catch(() => {});
      return all.every((one) => one.get('dep').state === 'closed');
    });
  };
  // The next opens, this one closes; and the other way round.
  for (const [opens, closing] of [
    [next, old[0]],
    [old[1], next],
  ] as const) {
    await breakIt(opens as never);
    await waitUntil('the fleet is open', () => all.every((one) => one.get('dep').scope === 'shared'));
    await closes(closing as never);
  }
  expect(all.map((one) => one.checks()['redis']?.status)).toEqual(['ok', 'ok', 'ok']);
  // What this version does not know, it left alone.
  await old[0]?.get('dep').reset({ reason: 'written by this version' });
  expect(await server.client.hgetall(key)).toMatchObject({ mood: 'calm', 'x:r9': '1|2', schema: '1' });
}, 30_000);
