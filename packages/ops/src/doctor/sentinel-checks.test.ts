import { startSentinels } from '@xnai/testing';
import { expect, it } from 'vitest';
import { checkSentinels, judgeReplication } from './sentinel-checks.ts';

it('asks each sentinel, and how well the master is replicated', async () => {
  await using group = await startSentinels({ replicas: 1 });
  const [master, replica] = group.servers;
  const causes = async (url: string) =>
    (await checkSentinels(url)).map(({ level, cause }) => `${level}: ${cause}`);
  expect(await causes(group.url)).toEqual(["ok: 3 sentinels agree on the master of 'main'"]);
  expect(await causes('redis://127.0.0.1')).toEqual([]);
  const [one] = group.sentinels.map(({ port }) => `127.0.0.1:${port}`);
  expect(await causes(`redis+sentinel://${one},127.0.0.1:1,127.0.0.1:${master?.port}/main`)).toEqual([
    expect.stringMatching(/^error: the sentinel at 127.0.0.1:1: .*/),
    `error: at 127.0.0.1:${master?.port} is a Redis and no sentinel`,
  ]);
  expect(await causes(`redis+sentinel://${one}/other`)).toEqual([
    expect.stringMatching(/knows no master 'other'$/),
    expect.stringMatching(/^warning: there is one sentinel/),
  ]);
  expect(await causes(`redis+sentinel://${one}/main?sentinelUser=ann&sentinelPassword=wrong`)).toContainEqual(
    expect.stringMatching(/^error: the sentinel at .*WRONGPASS/),
  );
  await group.sentinels[0]?.client.call('SENTINEL', 'remove', 'main');
  await group.sentinels[0]?.client.call(
    'SENTINEL',
    'monitor',
    'main',
    '127.0.0.1',
    String(replica?.port),
    '1',
  );
  expect(await causes(group.url)).toContainEqual(
    expect.stringMatching(/^error: the sentinels name different masters: 127.0.0.1:\d+, 127.0.0.1:\d+/),
  );

  const judged = async (server = master) =>
    judgeReplication((await server?.client.info()) ?? '').map(({ cause }) => cause);
  expect(await judged(replica)).toEqual(['it is a replica, which takes no writes']);
  expect(await judged()).toEqual([]);
  await master?.client.config('SET', 'min-replicas-to-write', '0');
  expect(await judged()).toEqual([expect.stringContaining('min-replicas-to-write is not set')]);
}, 60_000);
