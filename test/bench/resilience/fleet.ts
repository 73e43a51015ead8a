import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ReplicaAsk, ReplicaTold } from './replica.ts';

export interface Fleet extends AsyncDisposable {
  ask(i: number, ask: ReplicaAsk): Promise<ReplicaTold>;
  all(ask: ReplicaAsk): Promise<readonly ReplicaTold[]>;
}

/** Replicas as processes of their own, ended with the scope. */
export const startFleet = async (
  url: string,
  {
    replicas,
    breakers,
    probes,
  }: { readonly replicas: number; readonly breakers: number; readonly probes: number },
): Promise<Fleet> => {
  const children = Array.from({ length: replicas }, () => fork(new URL('./replica.ts', import.meta.url)));
  const ended = new Map(children.map((child) => [child, failWhenEnded(child)]));
  let asked = 0;
  const ask = (child: ChildProcess, what: ReplicaAsk): Promise<ReplicaTold> => {
    const id = ++asked;
    const answer = Promise.withResolvers<ReplicaTold>();
    const onMessage = (message: { readonly id: number; readonly told: ReplicaTold }) => {
      if (message.id !== id) return;
      child.off('message', onMessage);
      answer.resolve(message.told);
    };
    child.on('message', onMessage);
    child.send({ id, ask: what });
    return Promise.race([answer.promise, ended.get(child) as Promise<never>]);
  };
  const fleet: Fleet = {
    ask: (i, what) => ask(children[i] as ChildProcess, what),
    all: (what) => Promise.all(children.map((child) => ask(child, what))),
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
  await Promise.all(
    children.map((child, i) => ask(child, { do: 'start', url, replica: `r${i}`, breakers, probes })),
  );
  return fleet;
};

const failWhenEnded = async (child: ChildProcess): Promise<never> => {
  await once(child, 'exit');
  throw new Error('a replica ended');
};
