import { ClientError } from '@xnai/contracts/client';
import type { Classify, Logger } from '@xnai/resilience';
import { SHARED_BUDGET_BREAKER } from '@xnai/service';
import { createCrawlerRegistry } from './hosts.ts';
import { cannotSave } from './redis/guards.ts';

export interface BreakersOptions {
  readonly logger: Logger;
  /** Redis in which replicas share their breakers. */
  readonly redisUrl: string;
  /** Whether budgets are shared with other replicas. Default: no. */
  readonly isReplica?: boolean;
}

/** There with several replicas only. */
export const BUDGETS = 'rate-limit';

/** Every outside thing that the parent process calls, each behind its breaker. */
export function createBreakers({ logger, redisUrl, isReplica = false }: BreakersOptions) {
  return createCrawlerRegistry(redisUrl, logger).define({
    redis: {
      // What guards Redis cannot be kept in it.
      scope: 'local',
      window: { kind: 'consecutive', failures: 5 },
      // Short: the service joins Redis within two seconds of its coming back.
      openMs: 500,
      maxOpenMs: 1000,
      classify: classifyRedis,
    },
    ...(isReplica ? { [BUDGETS]: SHARED_BUDGET_BREAKER } : {}),
    'rag-ingest': {
      window: { kind: 'consecutive', failures: 5 },
      classify: classifyRag,
      openMs: 500,
      // A call is cheap, and everything waits for the first that succeeds.
      maxOpenMs: 3000,
      probes: { calls: 1, timeoutMs: 30_000 },
    },
    // What /readyz asks, and the resolver of this machine: no other replica's business.
    'rag-health': {
      scope: 'local',
      window: { kind: 'consecutive', failures: 3 },
      openMs: 1000,
      maxOpenMs: 2000,
    },
    dns: { scope: 'local', window: { kind: 'consecutive', failures: 5 }, openMs: 2000, maxOpenMs: 10_000 },
  });
}

export type Breakers = ReturnType<typeof createBreakers>;

/** A Redis that cannot save still reads. */
const classifyRedis: Classify = (outcome) =>
  'error' in outcome && cannotSave(outcome.error) ? 'success' : undefined;

/** A 504 of rag is a failure of rag. Its code alone would stand for a deadline of the caller, which says nothing. */
const classifyRag: Classify = (outcome) =>
  'error' in outcome && outcome.error instanceof ClientError && outcome.error.status === 504
    ? 'failure'
    : undefined;
