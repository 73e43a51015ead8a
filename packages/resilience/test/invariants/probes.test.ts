import { startRedis, waitUntil } from '@xnai/testing';
import { expect, test } from 'vitest';
import { callers, probes, probeWindow, windowOptions } from '../support/probe-windows.ts';
import { forkReplicas } from '../support/replicas.ts';

test('invariant 5: a half-open window has exactly K probes over 8 processes of 40 callers, 20 windows long', async () => {
  await using server = await startRedis();
  await using fleet = await forkReplicas(8, { url: server.url, options: windowOptions });
  for (let window = 0; window < 20; window++) {
    expect(await probeWindow(fleet.all)).toEqual({ entered: probes, rejected: 8 * callers - probes });
  }
}, 60_000);

test('invariant 6: a prober that is killed frees its slot when its lease is over', async () => {
  await using server = await startRedis();
  const options = {
    ...windowOptions,
    openMs: 50,
    maxOpenMs: 50,
    probes: { calls: 1, timeoutMs: 200 },
  };
  await using fleet = await forkReplicas(2, { url: server.url, options });
  const [prober, other] = fleet.all;
  await prober?.ask({ do: 'storm', callers: 1, holdMs: 0, fail: true });
  const attempt = async () =>
    (await other?.ask({ do: 'storm', callers: 1, holdMs: 0, fail: false }))?.entered;
  await waitUntil('the circuit is due', async () => (await prober?.ask({ do: 'state' }))?.retryAfterMs === 0);
  void prober?.ask({ do: 'storm', callers: 1, holdMs: 60_000, fail: false });
  await waitUntil('the probe is out', async () => (await other?.ask({ do: 'state' }))?.state === 'half-open');
  expect(await attempt()).toBe(0);
  await prober?.kill();
  // A lease of 1.2 s, bounded at ten times.
  await waitUntil('another may probe', async () => (await attempt()) === 1, { timeoutMs: 12_000 });
  await waitUntil('the fleet is closed', async () => (await other?.ask({ do: 'state' }))?.state === 'closed');
}, 30_000);
