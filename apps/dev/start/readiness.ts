import { setTimeout as sleep } from 'node:timers/promises';
import { Readiness } from '@xnai/contracts';
import { describeMissing } from './missing.ts';
import { StartError } from './start-error.ts';

const START_MS = 60_000;
const POLL_MS = 50;
const REQUEST_MS = 2_000;

/**
 * Waits until a service answers.
 *
 * @throws StartError when it does not in time
 */
export async function waitUntilUp(name: string, url: string, signal: AbortSignal): Promise<void> {
  const giveUpAt = Date.now() + START_MS;
  while (Date.now() < giveUpAt && !signal.aborted) {
    if ((await readReadiness(url)) !== undefined) return;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  if (signal.aborted) return;
  throw new StartError(`${name} does not answer at ${url}/readyz, ${START_MS / 1000} s after its start`);
}

/**
 * One line for each thing that the services go without. What is up but not yet connected to (Redis, rag) gets
 * `patienceMs` to be.
 */
export async function readMissing(urls: readonly string[], patienceMs: number): Promise<readonly string[]> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const answers = (await Promise.all(urls.map(readReadiness))).filter((answer) => answer !== undefined);
    const isConnecting = answers.some(
      ({ degraded }) => degraded.includes('redis') || degraded.includes('rag'),
    );
    if (!isConnecting || Date.now() >= giveUpAt) return [...new Set(answers.flatMap(describeMissing))];
    await sleep(POLL_MS);
  }
}

async function readReadiness(url: string): Promise<Readiness | undefined> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(REQUEST_MS) });
    return Readiness.parse(await response.json());
  } catch {
    // Not listening yet.
    return undefined;
  }
}
