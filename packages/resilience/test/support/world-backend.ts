import type { BreakerStore } from '../../src/store/store.ts';
import { createFakeClock, type FakeClock, MemoryBackend } from '../../src/testing/index.ts';
import type { StoredCircuit } from '../../src/testing/reduce.ts';

/** Where the replicas of a simulated fleet meet, on a clock that moves when told. */
export interface WorldBackend {
  readonly clock: FakeClock;
  /** Added to the store's clock from now on. */
  skewMs: number;
  connect(): WorldStore;
  /** Without its data, as after a restart. */
  empty(): Promise<void> | void;
  circuit(service: string, breaker: string): Promise<StoredCircuit | undefined> | StoredCircuit | undefined;
}

/** A connection that can be cut off, made deaf, or lose its answers. */
export type WorldStore = BreakerStore & Record<'down' | 'deaf' | 'dropReplies', boolean>;

export const createMemoryWorld = async (): Promise<WorldBackend> => {
  const clock = createFakeClock(1_000);
  const backend = new MemoryBackend({ clock });
  return Object.assign(backend, { clock });
};
