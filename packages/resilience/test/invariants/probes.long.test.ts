import { startRedis } from '@xnai/testing';
import { expect, test } from 'vitest';
import { callers, probes, probeWindow, windowOptions } from '../support/probe-windows.ts';
import { forkReplicas } from '../support/replicas.ts';

test('invariant 5: a half-open window has exactly K probes over 8 processes of 40 callers, 1,000 windows long', async () => {
  await using server = await startRedis();
  await using fleet = await forkReplicas(8, { url: server.url, options: windowOptions });
  for (let window = 0; window < 1_000; window++) {
    expect(await probeWindow(fleet.all)).toEqual({ entered: probes, rejected: 8 * callers - probes });
  }
}, 3_600_000);
