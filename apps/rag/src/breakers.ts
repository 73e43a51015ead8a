import { createRedisStore, createRegistry } from '@xnai/resilience';
import type { Logger } from '@xnai/service';
import { MODEL_BREAKERS } from './model/open-models.ts';
import { classifyStore } from './store/guard-store.ts';

export interface BreakersOptions {
  readonly log: Logger;
  /** Redis in which replicas share their breakers; undefined: each decides by itself. */
  readonly redisUrl: string | undefined;
}

/** Every breaker of rag, by name. */
export function createBreakers({ log, redisUrl }: BreakersOptions) {
  const store = redisUrl === undefined ? undefined : createRedisStore({ url: redisUrl });
  return createRegistry({ service: 'rag', logger: log, store }).define({
    ...MODEL_BREAKERS,
    store: {
      // The index is a file of this replica: its faults are not those of others.
      scope: 'local',
      window: { kind: 'consecutive', failures: 5 },
      openMs: 5_000,
      // The deletion of a large collection takes its time; a store that hangs takes all of it.
      timeoutMs: 60_000,
      classify: classifyStore,
    },
  });
}
