import type { Change } from '../gate/change.ts';

export interface Transition extends Change {
  readonly breaker: string;
}

/** Tells listeners and watchers of changes. Whatever they do, the call that caused the change goes on. */
export interface Transitions {
  emit(transition: Transition): void;
  watch(signal: AbortSignal | undefined): AsyncIterableIterator<Transition>;
  listenerFailed(error: unknown): void;
}

export const createTransitions = (
  listener: (transition: Transition) => void,
  listenerFailed: (error: unknown) => void,
): Transitions => {
  const watchers = new Set<(transition: Transition) => void>();
  return {
    emit(transition) {
      for (const tell of [listener, ...watchers]) {
        try {
          tell(transition);
        } catch (error) {
          listenerFailed(error);
        }
      }
    },
    watch: (signal) => watch(watchers, signal),
    listenerFailed,
  };
};

const watch = (
  watchers: Set<(transition: Transition) => void>,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<Transition> => {
  const queue: Transition[] = [];
  let wake: (() => void) | undefined;
  let ended = signal?.aborted ?? false;
  const add = (transition: Transition) => {
    // A watcher that does not read keeps the newest, not the whole history.
    if (queue.push(transition) > maxUnread) queue.shift();
    wake?.();
  };
  const end = () => {
    ended = true;
    watchers.delete(add);
    signal?.removeEventListener('abort', end);
    wake?.();
  };
  if (!ended) watchers.add(add);
  signal?.addEventListener('abort', end, { once: true });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (queue.length === 0 && !ended) {
        const woken = Promise.withResolvers<void>();
        wake = woken.resolve;
        await woken.promise;
      }
      const value = queue.shift();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
  };
};

const maxUnread = 1_000;
