import { createLimiter, startTimeLimit } from '@xnai/resilience';
import { ChildFailed } from './ask-child.ts';
import { type Child, type ChildOptions, forkChild } from './child.ts';

export interface KeptChildOptions extends Omit<ChildOptions, 'onMessage' | 'signal'> {
  /** A child that is not asked for this long is ended. The next request starts another. */
  readonly idleMs: number;
}

export interface AskOptions {
  /** Aborted while the request waits, it takes it out of the queue; afterwards, it kills the child. */
  readonly signal?: AbortSignal | undefined;
  /** Counted from when the child gets the request. Then the child is killed. */
  readonly timeoutMs: number;
}

/** A child process that answers requests one at a time, in the order in which they came, each by one message. */
export interface KeptChild<Request, Answer> extends AsyncDisposable {
  /**
   * @throws {ChildFailed} when the child ends without an answer: it crashed, took longer than `timeoutMs`, or used more
   * memory than it may
   * @throws the reason of `signal` when that is aborted first
   */
  ask(request: Request, options: AskOptions): Promise<Answer>;
}

interface Running<Request, Answer> {
  readonly child: Child<Request>;
  answers: number;
  onAnswer: (answer: Answer) => void;
}

/** Starts no child before the first request, and another one after a crash. */
export function keepChild<Request, Answer>(
  module: URL,
  { idleMs, ...options }: KeptChildOptions,
): KeptChild<Request, Answer> {
  const turns = createLimiter(1);
  let current: Running<Request, Answer> | undefined;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;

  const start = (): Running<Request, Answer> => {
    if (isClosed) throw new Error('No child is started after the end');
    if (current !== undefined) return current;
    const onMessage = (answer: Answer) => running.onAnswer(answer);
    const child = forkChild<Request, Answer>(module, { ...options, onMessage });
    const running: Running<Request, Answer> = { child, answers: 0, onAnswer: () => {} };
    void child.ended.then(() => {
      if (current === running) current = undefined;
    });
    current = running;
    return running;
  };

  const ask = async (request: Request, { signal, timeoutMs }: AskOptions): Promise<Answer> => {
    signal?.throwIfAborted();
    const running = start();
    const { promise: answered, resolve } = Promise.withResolvers<{ readonly value: Answer }>();
    running.onAnswer = (value) => resolve({ value });
    using limit = startTimeLimit({ timeoutMs, signal });
    limit.signal.addEventListener(
      'abort',
      () => void running.child.kill(`it took longer than ${timeoutMs} ms`),
    );
    running.child.send(request);
    const first = await Promise.race([answered, running.child.ended]);
    if ('value' in first) {
      running.answers += 1;
      return first.value;
    }
    signal?.throwIfAborted();
    // What earlier requests have left in the child, memory above all, is not to the charge of this one.
    if (running.answers > 0 && !limit.signal.aborted && !isClosed) return ask(request, { signal, timeoutMs });
    throw new ChildFailed(first);
  };

  return {
    async ask(request, askOptions) {
      using _turn = await turns.acquire(askOptions.signal);
      clearTimeout(idle);
      try {
        return await ask(request, askOptions);
      } finally {
        idle = setTimeout(() => current?.child.stop(), idleMs).unref();
      }
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(idle);
      await current?.child.stop();
    },
  };
}
