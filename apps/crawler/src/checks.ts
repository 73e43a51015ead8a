import { access, constants } from 'node:fs/promises';
import { breakerChecks, type Check } from '@xnai/service';
import type { Redis } from 'ioredis';
import type { Breakers } from './breakers.ts';
import { type BrowserWatch, browserCheck, sandboxCheck } from './browser/watch-browser.ts';
import type { RagClient } from './deliver/rag-client.ts';
import { lackOfSpace } from './worker/work-space.ts';

export interface ChecksDeps {
  readonly redis: Redis;
  readonly rag: RagClient;
  readonly breakers: Breakers;
  readonly workDir: string;
  readonly browser: BrowserWatch;
}

/** What `/readyz` looks at, each by using it. */
export function createChecks({ redis, rag, breakers, workDir, browser }: ChecksDeps): Check[] {
  return [
    {
      name: 'redis',
      degradedToken: 'redis',
      async check(signal) {
        await breakers.get('redis').execute(() => redis.ping(), { signal, timeoutMs: 900 });
        return breakers.checks()['redis'] ?? { status: 'ok' };
      },
    },
    ...breakerChecks(breakers).filter(({ name }) => name !== 'redis'),
    {
      name: 'rag',
      degradedToken: 'rag',
      async check(signal) {
        const breaker = breakers.get('rag-ingest');
        if (breaker.state !== 'closed') return { status: 'degraded', detail: `breaker ${breaker.state}` };
        return (await rag.ping(signal)) ? { status: 'ok' } : { status: 'down', detail: 'no answer' };
      },
    },
    {
      name: 'browser',
      // Without one, crawls say for themselves whether they would have needed it.
      check: () => browserCheck(browser),
    },
    {
      name: 'browser-sandbox',
      degradedToken: 'browser-sandbox',
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
