import {
  BreakerOpenError,
  type BreakerOptions,
  createRedisStore,
  createRegistry,
  type Registry,
} from '../../src/index.ts';
import { answerAsks } from './asked-process.ts';
import type { Dependency, SoakAsk, SoakTold } from './soak.ts';

/** A replica under load: it calls its dependency all the time, and counts what becomes of the calls. */
const counted = { reached: 0, served: 0, failed: 0, rejected: 0 };
const strange: string[] = [];
let registry: Registry<'dep'> | undefined;
let dependency: Dependency = 'up';
let highest = 0;

class DependencyError extends Error {}

answerAsks<SoakAsk, SoakTold>(async (ask) => {
  if (ask.do === 'start') await start(ask.url, ask.replica, ask.options);
  if (ask.do === 'dependency') dependency = ask.is;
  if (ask.do === 'report' && ask.collect) (globalThis as { gc?: () => void }).gc?.();
  return told();
});

// An error that is not caught would end a service.
process.on('unhandledRejection', (reason) => strange.push(`unhandled: ${String(reason)}`));
process.on('uncaughtException', (error) => strange.push(`uncaught: ${String(error)}`));

async function start(url: string, replica: string, options: BreakerOptions): Promise<void> {
  const store = createRedisStore({ url });
  registry = createRegistry({ service: 'soak', replica, store }).define({ dep: options });
  await registry.start();
  for (let i = 0; i < workers; i++) void work(i);
}

async function work(worker: number): Promise<void> {
  // Spread, so that the load is even.
  await pause(worker * (pauseMs / workers));
  for (;;) {
    await call();
    const generation = registry?.get('dep').generation ?? 0;
    if (generation < highest) strange.push(`generation fell from ${highest} to ${generation}`);
    highest = Math.max(highest, generation);
    await pause(pauseMs);
  }
}

async function call(): Promise<void> {
  try {
    await registry?.get('dep').execute(async () => {
      counted.reached++;
      if (dependency === 'slow') await pause(slowMs);
      if (dependency === 'down') throw new DependencyError('down');
    });
    counted.served++;
  } catch (error) {
    if (error instanceof DependencyError) counted.failed++;
    else if (error instanceof BreakerOpenError) counted.rejected++;
    else strange.push(String(error));
  }
}

function told(): SoakTold {
  const { state = 'closed', generation = 0, retryAfterMs = 0 } = registry?.get('dep') ?? {};
  return {
    ...counted,
    strange: strange.slice(0, 10),
    state,
    generation,
    retryAfterMs,
    redis: registry?.checks()['redis']?.status ?? 'absent',
    heapBytes: process.memoryUsage().heapUsed,
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const workers = 10;
const pauseMs = 20;
/** Over `slowAfterMs` of the soak's breaker. */
const slowMs = 80;
