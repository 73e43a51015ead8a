import { createRegistry, type Logger } from '@xnai/resilience';

/** Every outside thing that the parent process calls, each behind its breaker. */
export function createBreakers(logger: Logger) {
  return createRegistry({ service: 'crawler', logger }).define({
    redis: {
      scope: 'local',
      window: { kind: 'consecutive', failures: 5 },
      // Short: the service joins Redis within two seconds of its coming back.
      openMs: 500,
      maxOpenMs: 1000,
    },
    'rag-ingest': {
      window: { kind: 'consecutive', failures: 5 },
      openMs: 500,
      // A call is cheap, and everything waits for the first that succeeds.
      maxOpenMs: 3000,
      probes: { calls: 1, timeoutMs: 30_000 },
    },
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
