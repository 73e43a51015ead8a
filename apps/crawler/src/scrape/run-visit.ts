import { join } from 'node:path';
import { forkChild } from '@xnai/service/child';
import type { HostGate } from '../redis/host-gate.ts';
import { lendGate } from './lend-gate.ts';
import type { FromVisit, ToVisit } from './messages.ts';
import type { VisitEnd, VisitJob, VisitKind } from './visit.ts';

const ENTRY = new URL('./main.ts', import.meta.url);

/** Visits a site in a process of its own. Undefined when that has ended without saying how the visit did. */
export async function runVisit<K extends VisitKind>(
  job: VisitJob<K>,
  gate: HostGate,
  signal: AbortSignal,
): Promise<VisitEnd<K> | undefined> {
  await using lent = lendGate(gate);
  const { promise: answered, resolve } = Promise.withResolvers<VisitEnd>();
  const child = forkChild<ToVisit, FromVisit>(ENTRY, {
    cwd: job.workDir,
    execArgv: ['--max-old-space-size=512', '--disable-warning=ExperimentalWarning'],
    stdio: 'ignore',
    env: {
      NODE_ENV: 'production',
      TMPDIR: job.workDir,
      HOME: job.workDir,
      NODE_COMPILE_CACHE: join(job.workDir, '..', 'compile-cache'),
    },
    signal,
    onMessage(message) {
      if (message.type === 'end') resolve(message.end);
      else void answer(message);
    },
  });
  async function answer({ number, call }: Extract<FromVisit, { type: 'call' }>): Promise<void> {
    child.send({ type: 'answer', number, answer: await lent.answer(call) });
  }
  child.send({ type: 'start', job });
  const end = await Promise.race([answered, child.ended.then(() => undefined)]);
  await child.kill('it was answered');
  return end as VisitEnd<K> | undefined;
}
