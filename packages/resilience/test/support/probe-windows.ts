import { waitUntil } from '@xnai/testing';
import type { BreakerOptions } from '../../src/index.ts';
import type { ReplicaProcess, Told } from './replicas.ts';

export const probes = 3;
export const callers = 40;

/** Opens at the first failure, for the same short time again and again. */
export const windowOptions: BreakerOptions = {
  window: { kind: 'consecutive', failures: 1 },
  openMs: 150,
  maxOpenMs: 150,
  probes: { calls: probes, timeoutMs: 60_000 },
  quorum: { replicas: 1 },
};

export interface WindowResult {
  readonly entered: number;
  readonly rejected: number;
}

/** One half-open window: all callers of all replicas at once, against a dependency that is still down. */
export const probeWindow = async (all: readonly ReplicaProcess[]): Promise<WindowResult> => {
  if ((await all[0]?.ask({ do: 'state' }))?.state === 'closed') {
    await all[0]?.ask({ do: 'storm', callers: 1, holdMs: 0, fail: true });
  }
  await waitUntil('every replica sees the circuit open and due', async () => {
    const told = await states(all);
    return told.every(({ state, retryAfterMs }) => state === 'open' && retryAfterMs === 0);
  });
  // Long enough for every process to have asked before the first probe ends.
  const told = await Promise.all(
    all.map((one) => one.ask({ do: 'storm', callers, holdMs: 400, fail: true })),
  );
  const sum = (field: 'entered' | 'rejected') => told.reduce((n, one) => n + (one[field] ?? 0), 0);
  return { entered: sum('entered'), rejected: sum('rejected') };
};

const states = (all: readonly ReplicaProcess[]): Promise<Told[]> =>
  Promise.all(all.map((one) => one.ask({ do: 'state' })));
