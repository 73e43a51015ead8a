import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '@xnai/contracts';

const MOST_MS = 120_000;

/**
 * Waits until the model of a rag is ready and has been probed; says what it runs on and whether it judges.
 *
 * @throws {Error} with the reason of the model when it cannot be loaded
 */
export async function untilModel(url: string): Promise<string> {
  for (const endMs = Date.now() + MOST_MS; Date.now() < endMs; await sleep(100)) {
    const { checks } = (await (await fetch(`${url}/readyz`)).json()) as Readiness;
    const [model, judge] = [checks['model'], checks['judge']].map((check) => String(check?.detail));
    if (checks['model']?.status === 'down') throw new Error(model);
    if (checks['model']?.status === 'ok' && judge?.includes('being probed') === false)
      return `model: ${model}\njudge: ${judge}`;
  }
  throw new Error('the model was not ready in time');
}
