import { access, constants } from 'node:fs/promises';
import type { CheckResult } from '@xnai/contracts';
import { faultOf } from '@xnai/resilience';
import { breakerChecks, type Check } from '@xnai/service';
import type { Redis } from 'ioredis';
import type { Breakers } from './breakers.ts';
import { type BrowserWatch, browserCheck, sandboxCheck } from './browser/watch-browser.ts';
import type { GuardedRag } from './deliver/guarded-rag.ts';
import { confirmed, NotConfirmed } from './redis/confirmed.ts';
import { cannotSave, isRedisAway } from './redis/guards.ts';
import { lackOfSpace } from './work-dir.ts';

export interface ChecksDeps {
  readonly redis: Redis;
  readonly rag: GuardedRag;
  readonly breakers: Breakers;
  readonly workDir: string;
  readonly browser: BrowserWatch;
}

/** The checks of `/readyz`, each of which uses the part that it checks. */
export function createChecks({ redis, rag, breakers, workDir, browser }: ChecksDeps): Check[] {
  return [
    { name: 'redis', degradedToken: 'redis', check: (signal) => checkRedis({ redis, breakers }, signal) },
    ...breakerChecks(breakers).filter(({ name }) => name !== 'redis'),
    {
      name: 'rag',
      degradedToken: 'rag',
      async check(signal) {
        const breaker = breakers.get('rag-ingest');
        if (breaker.state !== 'closed') return { status: 'degraded', detail: `breaker ${breaker.state}` };
        await rag.ping(signal);
        const refusal = rag.refusal();
        return refusal === undefined ? { status: 'ok' } : { status: 'degraded', detail: refusal };
      },
    },
    {
      name: 'browser',
      degradedToken: 'browser',
      // A machine without a browser is one by choice; each crawl reports by itself whether it needed one.
      isOptional: true,
      check: () => browserCheck(browser),
    },
    {
      name: 'browser-sandbox',
      // Without a degraded token: a browser without its sandbox works, and the container confines it.
      check: () => sandboxCheck(browser),
    },
    {
      name: 'work-dir',
      essential: true,
      async check() {
        await access(workDir, constants.W_OK);
        const lack = await lackOfSpace(workDir);
        return lack === undefined ? { status: 'ok' } : { status: 'degraded', detail: lack };
      },
    },
  ];
}

/** Asks the Redis of the queue; the breakers, whose Redis may be another, report theirs. */
async function checkRedis(
  { redis, breakers }: Pick<ChecksDeps, 'redis' | 'breakers'>,
  signal: AbortSignal,
): Promise<CheckResult> {
  const breaker = breakers.get('redis');
  try {
    await breaker.execute(() => confirmed(redis, () => redis.ping()), { signal, timeoutMs: 900 });
  } catch (error) {
    if (cannotSave(error)) return { status: 'down', detail: CANNOT_SAVE };
    if (!isRedisAway(error)) throw error;
    const why = error instanceof NotConfirmed ? error.message : 'Redis does not answer';
    const fault = faultOf(redis);
    const detail = `crawls cannot be submitted: ${why}, breaker ${breaker.state}${fault === undefined ? '' : `: ${fault}`}`;
    return { status: 'down', detail };
  }
  return breakers.checks()['redis'] ?? { status: 'ok' };
}

const CANNOT_SAVE =
  'crawls wait and cannot be submitted: Redis refuses to write, since its disk is full or cannot be written';
