import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process that does what it is asked, and answers. */
export interface AskedProcess<Ask, Told> {
  /** Rejects when the process ends before it has answered. */
  ask(ask: Ask): Promise<Told>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** @param file which answers by `answerAsks`. */
export const forkAsked = <Ask, Told>(
  file: URL,
  execArgv: readonly string[] = [],
): AskedProcess<Ask, Told> => {
  const child = fork(file, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...execArgv],
  });
  const waiting = new Map<number, PromiseWithResolvers<Told>>();
  let asked = 0;
  child.on('message', ({ id, told, failed }: Answer<Told>) => {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (told === undefined) answer?.reject(new Error(failed));
    else answer?.resolve(told);
  });
  child.on('exit', () => {
    for (const { promise, reject } of waiting.values()) {
      // Who kills a process it has asked may not wait for the answer.
      promise.catch(() => {});
      reject(new Error('the process has ended'));
    }
  });
  return {
    ask(ask) {
      const answer = Promise.withResolvers<Told>();
      waiting.set(++asked, answer);
      child.send({ id: asked, ask });
      return answer.promise;
    },
    kill: () => end(child),
  };
};

interface Answer<Told> {
  readonly id: number;
  readonly told?: Told;
  readonly failed?: string;
}

/** The other side: in the process that was forked. */
export const answerAsks = <Ask, Told>(answer: (ask: Ask) => Promise<Told>): void => {
  process.on('message', async ({ id, ask }: { readonly id: number; readonly ask: Ask }) => {
    try {
      process.send?.({ id, told: await answer(ask) });
    } catch (error) {
      process.send?.({ id, failed: String(error) });
    }
  });
  // The parent process is gone.
  process.on('disconnect', () => process.exit());
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};
