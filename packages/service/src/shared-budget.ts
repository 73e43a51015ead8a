import { type Breaker, type BreakerOptions, connectRedis, fastFailing } from '@xnai/resilience';
import { type Counted, createWindowCounter } from './window-counter.ts';

export interface SharedBudgetOptions {
  readonly url: string;
  /** Of its keys in Redis. */
  readonly prefix: string;
  readonly breaker: Breaker;
}

/** Counts the requests of all replicas together; those of this one alone while Redis is away. */
export interface SharedBudget extends AsyncDisposable {
  count(key: string, windowMs: number): Promise<Counted>;
}

/** What guards Redis cannot be kept in it. */
export const SHARED_BUDGET_BREAKER = {
  scope: 'local',
  window: { kind: 'consecutive', failures: 3 },
  openMs: 1_000,
  maxOpenMs: 5_000,
  timeoutMs: 100,
} as const satisfies BreakerOptions;

export function openSharedBudget({ url, prefix, breaker }: SharedBudgetOptions): SharedBudget {
  const client = connectRedis(url, { ...fastFailing(), connectionName: 'rate-limit' });
  client.connect().catch(() => {});
  const alone = createWindowCounter();
  const countAll = async (name: string, windowMs: number): Promise<Counted> => {
    const answers = await client.pipeline().set(name, 0, 'PX', windowMs, 'NX').incr(name).pttl(name).exec();
    const failed = answers?.find(([error]) => error !== null)?.[0];
    if (answers === null || failed) throw failed ?? new Error('Redis did not count');
    const [, [, count], [, ttlMs]] = answers as [unknown, [null, number], [null, number]];
    // It has run out between the first two commands, and the second has made one that never would.
    if (ttlMs < 0) await client.pexpire(name, windowMs);
    return { count, ttlMs: ttlMs < 0 ? windowMs : ttlMs };
  };
  return {
    count: (key, windowMs) =>
      breaker.execute(() => countAll(`${prefix}${key}`, windowMs), { fallback: () => alone(key, windowMs) }),
    [Symbol.asyncDispose]: async () => client.disconnect(),
  };
}
