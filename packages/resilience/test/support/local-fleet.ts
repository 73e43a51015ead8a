import type { BreakerOptions, Registry } from '../../src/index.ts';
import {
  createRedisStore,
  createRegistry,
  type RedisStoreOptions,
  type RegistryOptions,
} from '../../src/index.ts';

export type OneBreaker = Registry<'dep'>;

/** Replicas in this process, each with its own connections; closed at the end of the scope. */
export const openReplicas = async (
  count: number,
  target: RedisStoreOptions,
  options: BreakerOptions,
  more: Partial<RegistryOptions> = {},
): Promise<OneBreaker[] & AsyncDisposable> => {
  const all = Array.from({ length: count }, () =>
    createRegistry({
      service: 'test',
      // Patience for a busy machine; tests of the time limit set their own.
      store: createRedisStore({ commandTimeoutMs: 2_000, ...target }),
      timing: { startWaitMs: 5_000 },
      ...more,
    }).define({ dep: options }),
  );
  await Promise.all(all.map((one) => one.start()));
  return Object.assign(all, {
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((one) => one.close()));
    },
  });
};

export const failing = (): never => {
  throw new Error('the dependency failed');
};

/** Calls until the circuit is open on this replica. */
export const breakIt = async (registry: OneBreaker): Promise<void> => {
  for (let i = 0; i < 100 && registry.get('dep').state === 'closed'; i++) {
    await registry
      .get('dep')
      .execute(failing)
      .catch(() => {});
  }
};

/** Opens at three failures in a row; one replica is enough. */
export const quick: BreakerOptions = {
  window: { kind: 'consecutive', failures: 3 },
  openMs: 60_000,
  maxOpenMs: 60_000,
  quorum: { replicas: 1 },
};
