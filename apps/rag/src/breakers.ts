import { MODEL_BREAKERS } from '@xnai/inference';
import {
  createRedisStore,
  createRegistry,
  openRedisMemory,
  type Registry,
  type Resource,
  type ResourceSource,
} from '@xnai/resilience';
import type { Logger } from '@xnai/service';
import { classifyKept } from './answer-cache/kept-answers.ts';
import { classifyStore } from './store/guard-store.ts';

export interface BreakersOptions {
  readonly log: Logger;
  /** Redis in which replicas share their breakers; undefined: each decides by itself. */
  readonly redisUrl: string | undefined;
}

/** Every breaker of rag, by name. */
function createBreakers({ log, redisUrl }: BreakersOptions) {
  const store = redisUrl === undefined ? undefined : createRedisStore({ url: redisUrl });
  return createRegistry({ service: 'rag', logger: log, store }).define({
    ...MODEL_BREAKERS,
    store: {
      // The index is a file of this replica: the breaker opens for all only when all of them fail.
      quorum: { replicas: 1_000 },
      window: { kind: 'consecutive', failures: 5 },
      openMs: 5_000,
      maxOpenMs: 15_000,
      // The deletion of a large collection takes its time; a store that hangs takes all of it.
      timeoutMs: 60_000,
      classify: classifyStore,
    },
    // What guards Redis cannot be kept in it.
    'answer-cache': {
      scope: 'local',
      window: { kind: 'consecutive', failures: 3 },
      openMs: 2_000,
      maxOpenMs: 10_000,
      timeoutMs: 100,
      classify: classifyKept,
    },
    // What the console shows of the crawler. Each replica has its own way to it.
    crawler: {
      quorum: { replicas: 1_000 },
      window: { kind: 'consecutive', failures: 3 },
      openMs: 5_000,
      maxOpenMs: 15_000,
      timeoutMs: 60_000,
    },
  });
}

export interface OpenBreakersOptions {
  readonly log: Logger;
  readonly redis: { readonly url: string | undefined; readonly breakerUrl: string | undefined };
  /** Where memory runs out. */
  readonly sources: readonly ResourceSource[];
}

/** The breakers, which join Redis in the background, and the memory resource that admits or refuses work. */
export async function openBreakers({ log, redis, sources }: OpenBreakersOptions): Promise<OpenBreakers> {
  const registry = createBreakers({ log, redisUrl: redis.breakerUrl });
  const memory = registry.resource('memory', { sources });
  const server = redis.url === undefined ? undefined : openRedisMemory(redis.url);
  // Nothing of rag fails because Redis is full; only, no more answers are kept in it.
  const redisMemory =
    server === undefined ? undefined : registry.resource('redis-memory', { sources: [server] });
  await registry.start();
  return {
    registry,
    memory,
    hasRedisRoom: () => redisMemory?.level !== 'shed' && redisMemory?.level !== 'refuse',
    async [Symbol.asyncDispose]() {
      await registry.close();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

export interface OpenBreakers extends AsyncDisposable {
  readonly registry: Registry<keyof typeof MODEL_BREAKERS | 'store' | 'answer-cache' | 'crawler'>;
  readonly memory: Resource;
  /** Redis is not nearly full, as far as is known. */
  readonly hasRedisRoom: () => boolean;
}
