import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from './start-error.ts';
import { type ChildSpec, type Supervised, type SuperviseHooks, supervise } from './supervise.ts';

/** The processes of a stack. Closing it stops them in reverse order, within five seconds. */
export interface Family extends AsyncDisposable {
  /** Resolves with the reason when a child has ended for good. */
  readonly failure: Promise<string>;
  /**
   * Starts a child and waits for `ready`.
   *
   * @throws StartError when the child ends before that
   */
  add<T>(spec: ChildSpec, ready: () => Promise<T>): Promise<T>;
}

const STOP_MS = 4_700;
// After that the next one is asked too, while this one may go on.
const STOP_EACH_MS = 2_000;

export function openFamily(hooks: SuperviseHooks): Family {
  const children: { readonly name: string; readonly child: Supervised }[] = [];
  const { promise: failure, resolve: fail } = Promise.withResolvers<string>();

  return {
    failure,
    async add(spec, ready) {
      const child = supervise(spec, hooks);
      children.push({ name: spec.name, child });
      void child.ended.then((reason) => {
        if (reason !== undefined) fail(reason);
      });
      const result = await Promise.race([ready(), child.ended.then(throwReason)]);
      child.markReady();
      return result;
    },
    async [Symbol.asyncDispose]() {
      const killAt = Date.now() + STOP_MS;
      for (const { child } of children.toReversed()) {
        child.stop();
        await settledWithin(child.ended, Math.min(STOP_EACH_MS, killAt - Date.now()));
      }
      await settledWithin(Promise.all(children.map(({ child }) => child.ended)), killAt - Date.now());
      for (const { name, child } of children) {
        if (child.kill()) hooks.report(`${name} did not stop in time and was killed`);
      }
      await Promise.all(children.map(({ child }) => child.ended));
    },
  };
}

function throwReason(reason: string | undefined): never {
  throw new StartError(reason ?? 'stopped');
}

async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([promise, sleep(Math.max(0, ms), undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}
