import type { LoadSettings, ModelCall, ModelReply } from '../child/messages.ts';
import type { ModelCallOptions, ModelInfo, ModelLog, ModelRole, ModelState, ServerView } from '../model.ts';
import type { ModelErrorCode } from '../model-error.ts';
import { askProcess } from './ask-process.ts';
import { type HangLimits, type LoadEvent, ModelProcess } from './model-process.ts';
import {
  type FileRefusal,
  nextState,
  portState,
  type RestartLimits,
  type RoleEvent,
  type RoleState,
} from './role-state.ts';

/** The process of one model role, if there is one: the role may be unconfigured or wait for its file. */
export interface RoleProcess {
  state(): ModelState;
  info(): ModelInfo | undefined;
  /** As {@link ModelProcess.call}; `failed` with the code of the role while the model is not ready. */
  call(call: ModelCall, onReply: (reply: ModelReply) => void): { abort(): void };
  /** The final reply; `failed` and `aborted` are thrown. */
  ask(call: ModelCall, options?: ModelCallOptions): Promise<ModelReply>;
  onReady(listener: () => void): void;
  /** Of a model that is not run here. */
  servers?(): readonly ServerView[];
  /** As {@link ModelProcess.share}; forgotten by a process that is started again. */
  share(isShared: boolean): void;
}

export type ProcessLimits = HangLimits & RestartLimits;

export interface RoleProcessOptions {
  readonly role: ModelRole;
  readonly log: ModelLog;
  readonly limits?: Partial<ProcessLimits> | undefined;
  readonly onRestart: () => void;
}

export interface ModelFile {
  /** Read at each start of a process; `crashes` of the processes before it, in a row. */
  readonly settings: (crashes: number) => LoadSettings;
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Disposed of when the first attempt to load the file has ended. */
  readonly turn: Disposable;
}

/** Keeps a process alive for the model of a role. */
export class SupervisedProcess implements RoleProcess, AsyncDisposable {
  readonly #options: RoleProcessOptions;
  readonly #limits: ProcessLimits;
  readonly #listeners: (() => void)[] = [];
  readonly #settledListeners: (() => void)[] = [];
  #state: RoleState;
  #process: ModelProcess | undefined;
  #file: (ModelFile & { readonly onRefusal: (refusal: FileRefusal) => void }) | undefined;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(port: ModelState, options: RoleProcessOptions) {
    this.#state = { name: 'waiting', port };
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  state(): ModelState {
    const port = portState(this.#state);
    const silentMs = this.#process?.silentMs;
    if (port.status !== 'ready' || silentMs === undefined) return port;
    const seconds = Math.round(silentMs / 1000);
    return { ...port, detail: `${port.detail}; no sign of life for ${seconds} s` };
  }

  info(): ModelInfo | undefined {
    return 'history' in this.#state ? this.#state.history.info : undefined;
  }

  onReady(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The model is ready, or is not there until something outside changes; not while its process is started again. */
  onSettled(listener: () => void): void {
    this.#settledListeners.push(listener);
  }

  share(isShared: boolean): void {
    this.#process?.share(isShared);
  }

  call(call: ModelCall, onReply: (reply: ModelReply) => void): { abort(): void } {
    if (this.#state.name === 'ready' && this.#process) return this.#process.call(call, onReply);
    const { detail } = this.state();
    queueMicrotask(() => onReply({ kind: 'failed', code: this.#notReady, detail }));
    return { abort: () => undefined };
  }

  ask(call: ModelCall, options?: ModelCallOptions): Promise<ModelReply> {
    return askProcess(this, this.#notReady, { call, ...options });
  }

  /** Keeps a process with that file; resolves when the file proves unusable. */
  load(file: ModelFile): Promise<FileRefusal> {
    return new Promise((onRefusal) => {
      this.#file = { ...file, onRefusal };
      this.#apply({ type: 'start' });
    });
  }

  /** Ends the process of a file that cannot be used any more. */
  refuse(refusal: FileRefusal): void {
    this.#apply({ type: 'refused', refusal });
  }

  /** Reports that state while there is no process, and ends the process if there is one. */
  async wait(port: ModelState): Promise<void> {
    this.#apply({ type: 'wait', port });
    await this.#process?.stop();
  }

  /** As `wait`, after the calls that run have come to their end. */
  async leave(port: ModelState): Promise<void> {
    this.#apply({ type: 'wait', port });
    await this.#process?.idle();
    await this.#process?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#apply({ type: 'close' });
    await this.#process?.stop();
  }

  get #notReady(): ModelErrorCode {
    return NOT_READY[this.#options.role];
  }

  #apply(event: RoleEvent): void {
    const before = this.#state;
    this.#state = nextState(before, event, this.#limits);
    if (this.#state.name !== before.name) this.#enter(this.#state);
    if (this.#state !== before && SETTLED.has(this.#state.name)) {
      for (const listener of this.#settledListeners) listener();
    }
  }

  #enter(state: RoleState): void {
    const { log, role, onRestart } = this.#options;
    clearTimeout(this.#restartTimer);
    if (state.name !== 'loading') this.#file?.turn[Symbol.dispose]();
    switch (state.name) {
      case 'loading':
        this.#startFirst(state.history.crashes);
        break;
      case 'ready': {
        const { id, device, threads, contextTokens, sequences } = state.info;
        log.info({ role, model: id, device, threads, contextTokens, sequences }, 'the model is ready');
        for (const listener of this.#listeners) listener();
        break;
      }
      case 'restarting': {
        const { detail, pauseMs } = state;
        log.warn({ role, reason: detail, restartMs: pauseMs }, 'the model process ended');
        onRestart();
        this.#restartTimer = setTimeout(() => this.#apply({ type: 'start' }), pauseMs);
        break;
      }
      case 'unusable':
        log.error({ role, reason: state.refusal.detail }, 'the model cannot be used');
        void this.#process?.stop();
        this.#file?.onRefusal(state.refusal);
        break;
    }
  }

  #startFirst(crashes: number): void {
    if (this.#file === undefined) throw new TypeError('a process was started without a file');
    this.#start(this.#file, this.#file.settings(crashes));
  }

  /** Once more with other settings where the process asks for it, which is no crash. */
  #start(file: ModelFile, settings: LoadSettings): void {
    const { log, role } = this.#options;
    let again: LoadSettings | undefined;
    this.#process = new ModelProcess({
      settings,
      env: file.env,
      log,
      limits: this.#limits,
      onEvent: (event) => {
        if (event.type !== 'start-again') return this.#apply(eventOf(event));
        const { noDevice = settings.noDevice } = event;
        again = { ...settings, poolThreads: 1, noDevice };
        log.info({ role, reason: noDevice }, 'the model process is started again for the CPU');
        void this.#process?.stop();
      },
      onEnd: (detail) => {
        this.#process = undefined;
        if (again !== undefined && this.#state.name === 'loading') return this.#start(file, again);
        this.#apply({ type: 'ended', detail, atMs: Date.now() });
      },
    });
  }
}

const SETTLED: ReadonlySet<RoleState['name']> = new Set(['waiting', 'ready', 'unusable']);

export const NOT_READY: Record<ModelRole, ModelErrorCode> = {
  generate: 'MODEL_NOT_READY',
  embed: 'EMBEDDER_NOT_READY',
  rerank: 'RERANKER_NOT_READY',
};

const DEFAULT_LIMITS: ProcessLimits = {
  pingEveryMs: 1_000,
  hungAfterMs: 10_000,
  hungLoadingAfterMs: 120_000,
  stalledAfterMs: 120_000,
  restartFirstMs: 250,
  restartMaxMs: 30_000,
  steadyAfterMs: 60_000,
};

function eventOf(event: Exclude<LoadEvent, { type: 'start-again' }>): RoleEvent {
  switch (event.type) {
    case 'loading':
      return { type: 'progress', progress: event.progress };
    case 'ready':
      return { type: 'loaded', info: { ...event.info, loadedAt: new Date() }, atMs: Date.now() };
    case 'unusable': {
      const { detail, neededBytes } = event;
      if (neededBytes === undefined) return { type: 'refused', refusal: { cause: 'file', detail } };
      return { type: 'refused', refusal: { cause: 'memory', detail, neededBytes } };
    }
  }
}
