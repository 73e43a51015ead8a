import type { ChildProcess } from 'node:child_process';
import type {
  ChildCommand,
  ChildEvent,
  LoadedInfo,
  LoadSettings,
  ModelCall,
  ModelReply,
} from '../child/messages.ts';
import { isFinal } from '../child/messages.ts';
import type { ModelInfo, ModelLog, ModelState } from '../model.ts';
import { startChild } from './start-child.ts';

export interface ModelProcessOptions {
  readonly settings: () => LoadSettings;
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: ModelLog;
  readonly limits?: Partial<ProcessLimits>;
  readonly onEvent?: (event: ProcessEvent) => void;
}

export interface ProcessLimits {
  readonly pingEveryMs: number;
  /** Silence after which a loaded process counts as hung, and is killed. */
  readonly hungAfterMs: number;
  /** The same during loading, when the library blocks for longer. */
  readonly hungLoadingAfterMs: number;
  /** A process that has calls and sends no reply for this long counts as hung too. */
  readonly stalledAfterMs: number;
  readonly restartFirstMs: number;
  readonly restartMaxMs: number;
  /** After this time without a crash the next crash counts as the first again. */
  readonly steadyAfterMs: number;
}

export type ProcessEvent =
  | { readonly type: 'ready'; readonly info: ModelInfo }
  | ({ readonly type: 'unusable' } & Refusal)
  | { readonly type: 'exit'; readonly detail: string; readonly restartMs: number };

/** Why a file is given up, until it is replaced or the reason is gone. */
export interface Refusal {
  readonly detail: string;
  /** `memory`: it would load with `neededBytes` of free memory. `crash`: its process ended at each attempt to load it. */
  readonly cause: 'file' | 'memory' | 'crash';
  readonly neededBytes?: number;
}

/**
 * Keeps one model process alive: starts it, loads the model, watches its heartbeat, kills it when it hangs, and
 * starts it again after growing pauses. A file that cannot work, or that ends three processes in a row before it is
 * loaded, is given up; the last event is then `unusable`.
 */
export class ModelProcess implements AsyncDisposable {
  readonly #options: ModelProcessOptions;
  readonly #limits: ProcessLimits;
  readonly #pending = new Map<number, (reply: ModelReply) => void>();
  readonly #heartbeat: NodeJS.Timeout;
  #child: ChildProcess | undefined;
  #state: ModelState = { status: 'loading', detail: 'the model process is starting' };
  #info: ModelInfo | undefined;
  #lastId = 0;
  #restarts = 0;
  #crashesInARow = 0;
  /** Since the model was last loaded. */
  #crashedLoads = 0;
  #closed = false;
  #heardAtMs = Date.now();
  /** Time of the last reply, or of the first pending call. */
  #progressAtMs = Date.now();
  #tickedAtMs = Date.now();
  #restartTimer: NodeJS.Timeout | undefined;
  #steadyTimer: NodeJS.Timeout | undefined;

  constructor(options: ModelProcessOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#heartbeat = setInterval(() => this.#beat(Date.now()), this.#limits.pingEveryMs).unref();
    this.#start();
  }

  get state(): ModelState {
    const silentMs = Date.now() - this.#heardAtMs;
    if (this.#state.status !== 'ready' || silentMs < SILENT_PINGS * this.#limits.pingEveryMs)
      return this.#state;
    const seconds = Math.round(silentMs / 1000);
    return { status: 'ready', detail: `${this.#state.detail}; no sign of life for ${seconds} s` };
  }

  /** Known once loaded, and kept over restarts. */
  get info(): ModelInfo | undefined {
    return this.#info;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** `onReply` gets exactly one final reply: `failed` with `MODEL_CRASHED` when the process ends before its own. */
  call(call: ModelCall, onReply: (reply: ModelReply) => void): { abort(): void } {
    const id = ++this.#lastId;
    if (this.#pending.size === 0) this.#progressAtMs = Date.now();
    this.#pending.set(id, onReply);
    if (this.#child?.connected) this.#send({ type: 'call', id, call });
    else {
      const failed: ModelReply = { kind: 'failed', code: 'MODEL_NOT_READY', detail: this.#state.detail };
      queueMicrotask(() => this.#settle(id, failed));
    }
    return { abort: () => this.#send({ type: 'abort', id }) };
  }

  /** Tells the process whether another model computes on the same cores. */
  share(isShared: boolean): void {
    this.#send({ type: 'share', isShared });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#state = { status: 'down', detail: 'the service is stopping' };
    clearInterval(this.#heartbeat);
    clearTimeout(this.#restartTimer);
    clearTimeout(this.#steadyTimer);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    end(child);
    await gone;
  }

  #start(): void {
    this.#heardAtMs = Date.now();
    this.#state = { status: 'loading', detail: 'the model is being loaded' };
    const { env, log } = this.#options;
    const child = startChild(env, log);
    this.#child = child;
    child.on('message', (event: ChildEvent) => {
      if (child === this.#child) this.#receive(event);
    });
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('exit', (code, signal) => this.#ended(child, exitDetail(code, signal)));
    this.#send({ type: 'load', settings: this.#options.settings() });
  }

  #receive(event: ChildEvent): void {
    this.#heardAtMs = Date.now();
    switch (event.type) {
      case 'pong':
        break;
      case 'log':
        this.#options.log[event.level]({ engine: event.message }, 'inference engine');
        break;
      case 'loading':
        // The library reports progress late; the model may already be loaded or refused.
        if (this.#state.status === 'loading') this.#state = { ...this.#state, progress: event.progress };
        break;
      case 'ready':
        this.#loaded(event.info);
        break;
      case 'unusable':
        this.#giveUp(
          event.neededBytes === undefined
            ? { cause: 'file', detail: event.detail }
            : { cause: 'memory', detail: event.detail, neededBytes: event.neededBytes },
        );
        end(this.#child);
        break;
      case 'reply':
        this.#settle(event.id, event.reply);
        break;
    }
  }

  #loaded(loaded: LoadedInfo): void {
    const info = { ...loaded, loadedAt: new Date() };
    this.#crashedLoads = 0;
    this.#info = info;
    this.#state = { status: 'ready', detail: describe(info) };
    this.#steadyTimer = setTimeout(() => {
      this.#crashesInARow = 0;
    }, this.#limits.steadyAfterMs).unref();
    this.#options.onEvent?.({ type: 'ready', info });
  }

  #settle(id: number, reply: ModelReply): void {
    const onReply = this.#pending.get(id);
    if (onReply === undefined) return;
    this.#progressAtMs = Date.now();
    if (isFinal(reply)) this.#pending.delete(id);
    onReply(reply);
  }

  #ended(child: ChildProcess, detail: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    clearTimeout(this.#steadyTimer);
    const { status } = this.#state;
    if (status === 'loading') this.#crashedLoads += 1;
    if (!this.#closed && status !== 'down') this.#restartOrGiveUp(detail);
    for (const [nth, id] of [...this.#pending.keys()].entries()) {
      this.#settle(id, { kind: 'failed', code: 'MODEL_CRASHED', detail, isEcho: nth > 0 });
    }
  }

  #giveUp(refusal: Refusal): void {
    this.#state = { status: 'down', detail: refusal.detail };
    this.#options.onEvent?.({ type: 'unusable', ...refusal });
  }

  #restartOrGiveUp(detail: string): void {
    if (this.#crashedLoads < MOST_CRASHED_LOADS) this.#restartLater(detail);
    else {
      const again = `${detail} while it loaded the model, ${MOST_CRASHED_LOADS} times in a row`;
      this.#giveUp({ cause: 'crash', detail: again });
    }
  }

  #restartLater(detail: string): void {
    const { restartFirstMs, restartMaxMs } = this.#limits;
    const restartMs = Math.min(restartMaxMs, restartFirstMs * 2 ** this.#crashesInARow);
    this.#crashesInARow += 1;
    this.#restarts += 1;
    this.#state = { status: 'down', detail: `${detail}; it is started again in ${restartMs} ms` };
    this.#options.onEvent?.({ type: 'exit', detail, restartMs });
    this.#restartTimer = setTimeout(() => this.#start(), restartMs);
  }

  #beat(nowMs: number): void {
    const lateMs = nowMs - this.#tickedAtMs - this.#limits.pingEveryMs;
    this.#tickedAtMs = nowMs;
    // When this process itself was blocked, the silence says nothing about the other.
    if (lateMs > this.#limits.pingEveryMs) this.#heardAtMs += lateMs;
    if (this.#child === undefined) return;
    const reason = this.#hung(nowMs);
    if (reason === undefined) {
      this.#send({ type: 'ping' });
      return;
    }
    this.#options.log.error({ pid: this.#child.pid, reason }, 'the model process hangs and is killed');
    end(this.#child);
  }

  #hung(nowMs: number): string | undefined {
    const silentMs = nowMs - this.#heardAtMs;
    const { hungAfterMs, hungLoadingAfterMs, stalledAfterMs } = this.#limits;
    if (silentMs > (this.#state.status === 'ready' ? hungAfterMs : hungLoadingAfterMs)) {
      return `no sign of life for ${silentMs} ms`;
    }
    const isStalled = this.#pending.size > 0 && nowMs - this.#progressAtMs > stalledAfterMs;
    return isStalled ? `its calls made no progress for ${stalledAfterMs} ms` : undefined;
  }

  #send(command: ChildCommand): void {
    // The exit event handles a process that has just ended.
    if (this.#child?.connected) this.#child.send(command, () => undefined);
  }
}

const DEFAULT_LIMITS: ProcessLimits = {
  pingEveryMs: 1_000,
  hungAfterMs: 10_000,
  hungLoadingAfterMs: 120_000,
  stalledAfterMs: 120_000,
  restartFirstMs: 250,
  restartMaxMs: 30_000,
  steadyAfterMs: 60_000,
};

const MOST_CRASHED_LOADS = 3;
/** A busy process may leave one or two pings unanswered. */
const SILENT_PINGS = 3;

/** Model processes hold nothing that must be saved, and native code cannot be asked to stop. */
function end(child: ChildProcess | undefined): void {
  child?.kill('SIGKILL');
}

function exitDetail(code: number | null, signal: NodeJS.Signals | null): string {
  return `the model process ended ${signal === null ? `with code ${code}` : `by ${signal}`}`;
}

/** One sentence for people: what the model runs on, how much it takes, and why there. */
function describe({ id, device, contextTokens, sequences }: ModelInfo): string {
  const layers =
    device.kind === 'vulkan' ? `, ${device.gpuLayers} layers and ${about(device.deviceBytes)} on it` : '';
  const room = `${sequences} ${sequences === 1 ? 'sequence' : 'sequences'} of ${contextTokens} tokens`;
  return `${id} on ${device.name}${layers}; ${room}, ${about(device.estimatedBytes)}; ${device.reason}`;
}

function about(bytes: number): string {
  return `about ${Math.round(bytes / 2 ** 20)} MiB`;
}
