import { type ChildProcess, type ForkOptions, fork, type StdioOptions, spawn } from 'node:child_process';
import { type MemoryLimit, watchMemory } from './watch-memory.ts';

type SystemOptions = Pick<ForkOptions, 'cwd' | 'uid' | 'gid' | 'execArgv' | 'serialization' | 'stdio'>;

/** `stdio`, by default: only standard error, of which the end is kept. A forked module has a channel besides. */
export interface ChildOptions<FromChild = unknown> extends SystemOptions {
  readonly args?: readonly string[];
  /** The whole environment: nothing is inherited, so that no secret gets through by accident. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onMessage?: (message: FromChild) => void;
  readonly onStderr?: (text: string) => void;
  /** Stops the child when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Time between asking the child to stop and killing it. Default 0: it is killed without being asked. */
  readonly graceMs?: number;
  /** How the child is asked to stop. Default: SIGTERM. */
  readonly askToStop?: () => void;
  readonly memory?: MemoryLimit;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why the child was killed or could not be started; undefined when it ended by itself. */
  readonly reason: string | undefined;
  /** The last 2,000 characters of its standard error, where that is a pipe. */
  readonly stderrTail: string;
}

/** Runs a Node module as a child with a channel for messages, whose other end is `openParent`. */
export function forkChild<ToChild, FromChild>(module: URL, options: ChildOptions<FromChild>): Child<ToChild> {
  const { args = [], execArgv = [], serialization = 'json', stdio = STDERR_ONLY } = options;
  const channel: StdioOptions = [...(typeof stdio === 'string' ? [stdio, stdio, stdio] : stdio), 'ipc'];
  const child = fork(module, args, { ...systemOptions(options), execArgv, serialization, stdio: channel });
  return new Child(child, options);
}

/** Runs a program as a child. */
export function spawnChild(command: string, options: ChildOptions): Child {
  const { args = [], stdio = STDERR_ONLY } = options;
  return new Child(spawn(command, args, { ...systemOptions(options), stdio }), options);
}

/** `ended` in a few words. */
export function describeEnd({ reason, code, signal }: ChildEnd): string {
  return reason ?? (signal === null ? `exit code ${code}` : `signal ${signal}`);
}

const STDERR_ONLY: ('ignore' | 'pipe')[] = ['ignore', 'ignore', 'pipe'];

/** `detached` makes a process group, which can be killed as a whole and which Ctrl-C in a terminal does not reach. */
function systemOptions({ cwd, env, uid, gid }: ChildOptions<never>) {
  return { cwd, env: { ...env }, uid, gid, detached: true };
}

/** Standard error may be held open by a process that left the group. */
const CLOSE_AFTER_EXIT_MS = 500;

/** A child process in a process group of its own. Disposing of it stops it, and waits until it is gone. */
export class Child<ToChild = never> implements AsyncDisposable {
  /** Resolves when the child and its process group are gone. Never rejects. */
  readonly ended: Promise<ChildEnd>;
  readonly #child: ChildProcess;
  readonly #options: ChildOptions<never>;
  readonly #cleanup = new DisposableStack();
  #reason: string | undefined;
  #isAskedToStop = false;

  constructor(child: ChildProcess, options: ChildOptions<never>) {
    this.#child = child;
    this.#options = options;
    this.ended = this.#watchEnd();
    const { onMessage, memory, signal } = options;
    if (onMessage !== undefined) child.on('message', (message) => onMessage(message as never));
    if (memory !== undefined)
      this.#cleanup.use(watchMemory(child.pid, memory, (reason) => this.kill(reason)));
    const stop = () => void this.stop();
    signal?.addEventListener('abort', stop, { once: true });
    this.#cleanup.defer(() => signal?.removeEventListener('abort', stop));
    // After the constructor, because `askToStop` may use the child that the caller has not received yet.
    if (signal?.aborted) queueMicrotask(stop);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False when the channel is closed: a child that is gone reports that by `ended`. */
  send(message: ToChild): boolean {
    return this.#child.connected && this.#child.send(message as object, () => {});
  }

  /** Kills its process group at once. */
  kill(reason: string): Promise<ChildEnd> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#reason ??= reason;
      killGroup(this.pid);
    }
    return this.ended;
  }

  /** Asks the child to stop, and kills its process group when it has not after `graceMs`. */
  stop(): Promise<ChildEnd> {
    const { graceMs = 0, askToStop = () => this.#child.kill('SIGTERM') } = this.#options;
    if (graceMs <= 0) return this.kill('it was stopped');
    if (this.#isAskedToStop || this.#cleanup.disposed) return this.ended;
    this.#isAskedToStop = true;
    askToStop();
    const grace = setTimeout(() => this.kill(`it did not stop within ${graceMs} ms`), graceMs);
    this.#cleanup.adopt(grace, clearTimeout);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #watchEnd(): Promise<ChildEnd> {
    const child = this.#child;
    const stderrTail = keepTail(child, this.#options.onStderr);
    const { promise: gone, resolve: settle } = Promise.withResolvers<void>();
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      this.#reason = `it could not be started: ${error.message}`;
      settle();
    });
    child.once('exit', () => {
      killGroup(child.pid);
      this.#cleanup.adopt(setTimeout(settle, CLOSE_AFTER_EXIT_MS), clearTimeout);
    });
    child.once('close', () => settle());
    await gone;
    this.#cleanup.dispose();
    return { code: child.exitCode, signal: child.signalCode, reason: this.#reason, stderrTail: stderrTail() };
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const TAIL_LENGTH = 2000;

function keepTail(child: ChildProcess, onText: (text: string) => void = () => {}): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_LENGTH);
    onText(text);
  });
  return () => tail;
}
