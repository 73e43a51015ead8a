import { startTimeLimit } from '@xnai/resilience';
import type { ModelCall, ModelReply } from '../child/messages.ts';
import { isFinal } from '../child/messages.ts';
import type { CallOptions, ModelInfo, ModelState } from '../model.ts';
import { ModelError, type ModelErrorCode } from '../model-error.ts';
import type { ModelProcess } from './model-process.ts';

/** The process of one model role, if there is one: the role may be unconfigured or wait for its file. */
export interface RoleProcess {
  state(): ModelState;
  info(): ModelInfo | undefined;
  /** As {@link ModelProcess.call}. */
  call(call: ModelCall, onReply: (reply: ModelReply) => void): { abort(): void };
  /** The final reply; `failed` and `aborted` are thrown. */
  ask(call: ModelCall, options?: CallOptions): Promise<ModelReply>;
  onReady(listener: () => void): void;
  /** As {@link ModelProcess.share}; forgotten by a process that is started again. */
  share(isShared: boolean): void;
}

export class ModelSlot implements RoleProcess, AsyncDisposable {
  readonly #notReady: ModelErrorCode;
  readonly #listeners: (() => void)[] = [];
  #state: ModelState;
  #process: ModelProcess | undefined;

  constructor(state: ModelState, notReady: ModelErrorCode) {
    this.#state = state;
    this.#notReady = notReady;
  }

  /** Sets the state that is reported while there is no process. */
  say(state: ModelState): void {
    this.#state = state;
  }

  use(process: ModelProcess): void {
    this.#process = process;
  }

  /** Ends the process and reports that state until there is another. */
  async vacate(state: ModelState): Promise<void> {
    const process = this.#process;
    this.#state = state;
    this.#process = undefined;
    await process?.[Symbol.asyncDispose]();
  }

  ready(): void {
    for (const listener of this.#listeners) listener();
  }

  get process(): ModelProcess | undefined {
    return this.#process;
  }

  state(): ModelState {
    return this.#process?.state ?? this.#state;
  }

  info(): ModelInfo | undefined {
    return this.#process?.info;
  }

  onReady(listener: () => void): void {
    this.#listeners.push(listener);
  }

  share(isShared: boolean): void {
    this.#process?.share(isShared);
  }

  call(call: ModelCall, onReply: (reply: ModelReply) => void): { abort(): void } {
    if (this.#process !== undefined) return this.#process.call(call, onReply);
    queueMicrotask(() => onReply({ kind: 'failed', code: this.#notReady, detail: this.#state.detail }));
    return { abort: () => undefined };
  }

  async ask(call: ModelCall, { signal, deadline }: CallOptions = {}): Promise<ModelReply> {
    signal?.throwIfAborted();
    const { status, detail } = this.state();
    if (status !== 'ready') throw new ModelError(this.#notReady, { detail });
    using limit = startTimeLimit({ deadline, signal, reason: () => new ModelError('DEADLINE_EXCEEDED') });
    const { promise, resolve, reject } = Promise.withResolvers<ModelReply>();
    const running = this.call(call, (reply) => {
      if (reply.kind === 'failed') reject(new ModelError(reply.code, { detail: reply.detail }));
      else if (isFinal(reply)) resolve(reply);
    });
    const stop = () => {
      reject(limit.signal.reason);
      running.abort();
    };
    if (limit.signal.aborted) stop();
    limit.signal.addEventListener('abort', stop, { once: true });
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}
