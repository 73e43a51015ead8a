import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { BreakerOptions } from '../../src/index.ts';

export type Ask =
  | {
      readonly do: 'start';
      readonly path: string;
      readonly replica: string;
      readonly options: BreakerOptions;
      readonly skewMs?: number;
    }
  | { readonly do: 'state' }
  | { readonly do: 'storm'; readonly callers: number; readonly holdMs: number; readonly fail: boolean }
  | { readonly do: 'count'; readonly calls: number; readonly failEvery: number }
  | { readonly do: 'watch'; readonly for: string }
  | { readonly do: 'stop' };

export interface Told {
  readonly state?: string;
  readonly scope?: string;
  readonly retryAfterMs?: number;
  readonly generation?: number;
  readonly live?: string;
  readonly entered?: number;
  readonly rejected?: number;
  readonly slowestRejectionMs?: number;
  readonly atMs?: number;
}

export interface ReplicaProcess {
  ask(ask: Ask): Promise<Told>;
  kill(): Promise<void>;
}

/** As many replicas as wanted, each a process, all stopped at the end of the scope. */
export const forkReplicas = async (
  count: number,
  {
    path,
    options,
    skewMs,
  }: { readonly path: string; readonly options: BreakerOptions; readonly skewMs?: (i: number) => number },
): Promise<{ readonly all: readonly ReplicaProcess[] } & AsyncDisposable> => {
  const all = Array.from({ length: count }, forkReplica);
  await Promise.all(
    all.map((one, i) => one.ask({ do: 'start', path, replica: `r${i}`, options, skewMs: skewMs?.(i) ?? 0 })),
  );
  return {
    all,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((one) => one.kill()));
    },
  };
};

const forkReplica = (): ReplicaProcess => {
  const child = fork(new URL('./replica-child.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, PromiseWithResolvers<Told>>();
  let asked = 0;
  child.on('message', ({ id, told, failed }: { id: number; told?: Told; failed?: string }) => {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (told === undefined) answer?.reject(new Error(failed));
    else answer?.resolve(told);
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

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};
