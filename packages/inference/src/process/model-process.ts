import { writeFile } from 'node:fs/promises';
import { type Child, type ChildEnd, forkChild } from '@xnai/service/child';
import type { ChildCommand, ChildEvent, LoadSettings, ModelCall, ModelReply } from '../child/messages.ts';
import { isFinal } from '../child/messages.ts';
import type { ModelLog } from '../model.ts';
import { modelEnvironment } from './model-environment.ts';

export interface ModelProcessOptions {
  readonly settings: LoadSettings;
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: ModelLog;
  readonly limits: HangLimits;
  /** Receives how the loading of the model goes. */
  readonly onEvent: (event: LoadEvent) => void;
  /** Called once, before the pending calls fail. */
  readonly onEnd: (detail: string) => void;
}

export type LoadEvent = Extract<ChildEvent, { type: 'loading' | 'ready' | 'start-again' | 'unusable' }>;

export interface HangLimits {
  readonly pingEveryMs: number;
  /** Silence after which a loaded process counts as hung, and is killed. */
  readonly hungAfterMs: number;
  /** The same during loading, when the library blocks for longer. */
  readonly hungLoadingAfterMs: number;
  /** A process that has calls and sends no reply for this long counts as hung too. */
  readonly stalledAfterMs: number;
}

/** One process with one model, from its start to its end. It is killed when its heartbeat or its replies stop. */
export class ModelProcess {
  readonly #options: ModelProcessOptions;
  readonly #child: Child<ChildCommand>;
  readonly #pending = new Map<number, (reply: ModelReply) => void>();
  readonly #heartbeat: NodeJS.Timeout;
  #onIdle: (() => void) | undefined;
  #lastId = 0;
  #isLoaded = false;
  #heardAtMs = Date.now();
  /** Time of the last reply, or of the first pending call. */
  #progressAtMs = Date.now();
  #tickedAtMs = Date.now();

  constructor(options: ModelProcessOptions) {
    this.#options = options;
    this.#child = forkChild<ChildCommand, ChildEvent>(ENTRY, {
      env: environmentOf(options),
      serialization: 'advanced',
      onMessage: (event) => this.#receive(event),
      onStderr: (text) => logLines(text, options.log),
    });
    offerToOomKiller(this.#child.pid);
    this.#heartbeat = setInterval(() => this.#beat(Date.now()), options.limits.pingEveryMs).unref();
    void this.#child.ended.then((end) => this.#ended(end));
    this.#child.send({ type: 'load', settings: options.settings });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Time since the last sign of life, once several pings are unanswered. */
  get silentMs(): number | undefined {
    const silentMs = Date.now() - this.#heardAtMs;
    return silentMs < SILENT_PINGS * this.#options.limits.pingEveryMs ? undefined : silentMs;
  }

  /** `onReply` gets exactly one final reply: `failed` with `MODEL_CRASHED` when the process ends before its own. */
  call(call: ModelCall, onReply: (reply: ModelReply) => void): { abort(): void } {
    const id = ++this.#lastId;
    if (this.#pending.size === 0) this.#progressAtMs = Date.now();
    this.#pending.set(id, onReply);
    this.#child.send({ type: 'call', id, call });
    return { abort: () => this.#child.send({ type: 'abort', id }) };
  }

  /** Tells the process whether another model computes on the same cores. */
  share(isShared: boolean): void {
    this.#child.send({ type: 'share', isShared });
  }

  /** Resolves when no call runs, at the latest when the process ends. */
  async idle(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Kills the process: it holds nothing that must be saved, and native code cannot be asked to stop. */
  async stop(): Promise<void> {
    await this.#child.stop();
  }

  #receive(event: ChildEvent): void {
    this.#heardAtMs = Date.now();
    switch (event.type) {
      case 'pong':
        break;
      case 'log':
        this.#options.log[event.level]({ engine: event.message }, 'inference engine');
        break;
      case 'reply':
        this.#settle(event.id, event.reply);
        break;
      default:
        this.#isLoaded ||= event.type === 'ready';
        this.#options.onEvent(event);
    }
  }

  #settle(id: number, reply: ModelReply): void {
    const onReply = this.#pending.get(id);
    if (onReply === undefined) return;
    this.#progressAtMs = Date.now();
    if (isFinal(reply)) this.#pending.delete(id);
    onReply(reply);
    if (this.#pending.size === 0) this.#onIdle?.();
  }

  #ended(end: ChildEnd): void {
    clearInterval(this.#heartbeat);
    const detail = describeProcessEnd(end);
    this.#options.onEnd(detail);
    for (const [nth, id] of [...this.#pending.keys()].entries()) {
      this.#settle(id, { kind: 'failed', code: 'MODEL_CRASHED', detail, isEcho: nth > 0 });
    }
  }

  #beat(nowMs: number): void {
    const { log, limits } = this.#options;
    const lateMs = nowMs - this.#tickedAtMs - limits.pingEveryMs;
    this.#tickedAtMs = nowMs;
    // When this process itself was blocked, the silence says nothing about the other.
    if (lateMs > limits.pingEveryMs) this.#heardAtMs += lateMs;
    const reason = this.#hung(nowMs);
    if (reason === undefined) {
      this.#child.send({ type: 'ping' });
      return;
    }
    log.error({ pid: this.pid, reason }, 'the model process hangs and is killed');
    void this.#child.kill(reason);
  }

  #hung(nowMs: number): string | undefined {
    const silentMs = nowMs - this.#heardAtMs;
    const { hungAfterMs, hungLoadingAfterMs, stalledAfterMs } = this.#options.limits;
    if (silentMs > (this.#isLoaded ? hungAfterMs : hungLoadingAfterMs)) {
      return `no sign of life for ${silentMs} ms`;
    }
    const isStalled = this.#pending.size > 0 && nowMs - this.#progressAtMs > stalledAfterMs;
    return isStalled ? `its calls made no progress for ${stalledAfterMs} ms` : undefined;
  }
}

const ENTRY = new URL('../child/main.ts', import.meta.url);

function environmentOf({ settings, env }: ModelProcessOptions): NodeJS.ProcessEnv {
  // biome-ignore lint/style/noProcessEnv: the environment of a child process, not configuration
  return { ...modelEnvironment(process.env), ...env, UV_THREADPOOL_SIZE: String(settings.poolThreads) };
}

/** A busy process may leave one or two pings unanswered. */
const SILENT_PINGS = 3;

/** When memory runs out, the kernel shall end the model and not the service, which holds the queue and the index. */
function offerToOomKiller(pid: number | undefined): void {
  if (pid === undefined) return;
  writeFile(`/proc/${pid}/oom_score_adj`, '500').catch(() => undefined); // no such thing on this system
}

function logLines(text: string, log: ModelLog): void {
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    log.debug({ stderr: line.trim().slice(0, 500) }, 'model process');
  }
}

function describeProcessEnd({ code, signal, reason }: ChildEnd): string {
  if (reason !== undefined) return `the model process ended: ${reason}`;
  return `the model process ended ${signal === null ? `with code ${code}` : `by ${signal}`}`;
}
