import { MODEL_BREAKERS, MODEL_SERVER_BREAKERS } from '@xnai/inference';
import {
  createRedisStore,
  createRegistry,
  type Family,
  openRedisMemory,
  type Registry,
  type Resource,
  type ResourceSource,
} from '@xnai/resilience';
import { type Logger, openSharedBudget, SHARED_BUDGET_BREAKER, type SharedBudget } from '@xnai/service';
import { classifyKept } from './answer-cache/kept-answers.ts';
import { classifyStore } from './store/guard-store.ts';

export interface BreakersOptions {
  readonly log: Logger;
  /** Redis in which replicas share their breakers; undefined: each decides by itself. */
  readonly redisUrl: string | undefined;
  /** Whether budgets are shared with other replicas. */
  readonly isReplica: boolean;
}

/** There with several replicas only. */
const BUDGETS = 'rate-limit';

/** Every breaker of rag, by name. */
function createBreakers({ log, redisUrl, isReplica }: BreakersOptions) {
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
    ...(isReplica ? { [BUDGETS]: SHARED_BUDGET_BREAKER } : {}),
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
  /** Its name among several. Undefined: it is the only one. */
  readonly replica: string | undefined;
}

/** The breakers, which join Redis in the background, and the memory resource that admits or refuses work. */
export async function openBreakers(options: OpenBreakersOptions): Promise<OpenBreakers> {
  const { log, redis, sources, replica } = options;
  const registry = createBreakers({ log, redisUrl: redis.breakerUrl, isReplica: replica !== undefined });
  const modelServers = registry.family('model-server', MODEL_SERVER_BREAKERS);
  const memory = registry.resource('memory', { sources });
  const server = redis.url === undefined ? undefined : openRedisMemory(redis.url);
  // Nothing of rag fails because Redis is full; only, no more answers are kept in it.
  const redisMemory =
    server === undefined ? undefined : registry.resource('redis-memory', { sources: [server] });
  await registry.start();
  const breaker = registry.find(BUDGETS);
  const budget =
    breaker === undefined || redis.url === undefined
      ? undefined
      : openSharedBudget({ url: redis.url, prefix: 'xnai:cache:limit:', breaker });
  return {
    registry,
    modelServers,
    memory,
    budget,
    hasRedisRoom: () => redisMemory?.level !== 'shed' && redisMemory?.level !== 'refuse',
    async [Symbol.asyncDispose]() {
      await registry.close();
      await server?.[Symbol.asyncDispose]();
      await budget?.[Symbol.asyncDispose]();
    },
  };
}

export interface OpenBreakers extends AsyncDisposable {
  readonly registry: Registry<keyof typeof MODEL_BREAKERS | 'store' | 'answer-cache' | 'crawler'>;
  /** Of the servers that run models for us, by their names. */
  readonly modelServers: Family;
  readonly memory: Resource;
  /** Undefined: this process counts the requests of a key by itself. */
  readonly budget: SharedBudget | undefined;
  /** Redis is not nearly full, as far as is known. */
  readonly hasRedisRoom: () => boolean;
}
