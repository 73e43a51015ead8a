import { createRetryBudget, type RetryBudget } from '@xnai/resilience';
import type { LoadedInfo, ModelCall, ModelReply } from '../child/messages.ts';
import type { ModelCallOptions, ModelInfo, ModelRole, ModelState, ServerView } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { askProcess } from '../process/ask-process.ts';
import { NOT_READY, type RoleProcess } from '../process/role-process.ts';
import { chooseServer } from './choose-server.ts';
import { SAME_MODEL } from './compare-embedders.ts';
import { cosine } from './cosine.ts';
import { describeSkills } from './describe-skills.ts';
import type { ModelServer } from './model-server.ts';
import type { ProbedServer } from './probe-server.ts';
import { ServerFault } from './server-fault.ts';

/** What stands in the place of a model process: servers that have the same model. */
export class RemoteProcess implements RoleProcess, AsyncDisposable {
  readonly #role: ModelRole;
  readonly #servers: readonly ModelServer[];
  readonly #budget: RetryBudget = createRetryBudget();
  readonly #listeners: (() => void)[] = [];
  readonly #stop = new AbortController();
  readonly #kept: Promise<unknown>;
  /** Of the model that was ready last; clients go on to call it by its name while its servers are away. */
  #info: ModelInfo | undefined;
  #wasReady = false;
  /** A vector of the first embedder that was ready. */
  #sample: { readonly id: string; readonly sample: Float32Array } | undefined;

  /** @param open makes the servers; each is given what it must call when its state changes */
  constructor(role: ModelRole, open: (hooks: ServerHooks) => readonly ModelServer[]) {
    this.#role = role;
    this.#servers = open({ onChange: () => this.#look(), check: (probed) => this.#check(probed) });
    this.#kept = Promise.all(this.#servers.map((server) => server.keep(this.#stop.signal)));
  }

  state(): ModelState {
    const status = this.#status();
    if (status !== 'ready') return { status, detail: this.#describe() };
    const { info } = this;
    return { status, detail: `${info()?.id} ${this.#describe()}` };
  }

  readonly info = (): ModelInfo | undefined => this.#info;

  servers(): readonly ServerView[] {
    return this.#servers.map((server) => server.view());
  }

  onReady(listener: () => void): void {
    this.#listeners.push(listener);
  }

  share(): void {}

  call(call: ModelCall, onReply: (reply: ModelReply) => void): { abort(): void } {
    const caller = new AbortController();
    const signal = AbortSignal.any([caller.signal, this.#stop.signal]);
    this.#serve(call, signal, onReply).catch((error: unknown) => {
      if (signal.aborted) return onReply({ kind: 'aborted' });
      onReply(toReply(error));
    });
    return { abort: () => caller.abort() };
  }

  ask(call: ModelCall, options?: ModelCallOptions): Promise<ModelReply> {
    return askProcess(this, NOT_READY[this.#role], { call, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#kept;
    for (const server of this.#servers) server[Symbol.dispose]();
  }

  /** Asks one server, and after a failure before the first word the next, as long as there are retries to spend. */
  async #serve(call: ModelCall, signal: AbortSignal, onReply: (reply: ModelReply) => void): Promise<void> {
    this.#budget.deposit();
    const left = new Set(this.#servers);
    for (let last: unknown; ; ) {
      const server = chooseServer([...left].filter(takesCalls));
      if (server === undefined) throw last ?? this.#refusal();
      const failure = await tryServer(server.run(call, signal), onReply);
      if (failure === undefined) return;
      signal.throwIfAborted();
      // A connection that the server had just closed tells nothing of it: the same one is asked again, once.
      if (last !== undefined || !isCut(failure.error)) left.delete(server);
      last = failure.error;
      if (failure.hasBegun || !mayPass(last) || !this.#budget.withdraw()) throw last;
    }
  }

  #status(): ModelState['status'] {
    if (this.#servers.some((server) => server.info() !== undefined && server.waitMs().breaker === 0))
      return 'ready';
    return this.#servers.some((server) => server.view().status === 'starting') ? 'loading' : 'down';
  }

  #describe(): string {
    const probed = this.#servers.map((server) => server.probed()).find((one) => one !== undefined);
    const isReady = this.#status() === 'ready';
    const skills = probed === undefined || !isReady ? '' : `; ${describeSkills(this.#role, probed)}`;
    // Those that answer first: the name of the model stands before them.
    const servers = this.servers().toSorted((a, b) => Number(b.status === 'ok') - Number(a.status === 'ok'));
    // The name of the model stands before the first one only while it is ready.
    return `${servers.map((server) => describeServer(server, isReady)).join('; ')}${skills}`;
  }

  #refusal(): ModelError {
    const away = this.servers().map(({ url, detail = 'is being looked at' }) => `${url} ${detail}`);
    const detail = `no model server takes a call now: ${away.join('; ')}`;
    const ready = this.#servers
      .filter((server) => server.info() !== undefined)
      .map((server) => server.waitMs());
    if (ready.length === 0) return new ModelError(NOT_READY[this.#role], { detail });
    const isBusy = ready.some(({ breaker }) => breaker === 0);
    const waits = ready.map(({ breaker, busy }) =>
      isBusy && breaker > 0 ? Infinity : Math.max(breaker, busy),
    );
    return new ModelError(isBusy ? 'OVERLOADED' : 'BREAKER_OPEN', {
      detail,
      retryAfterMs: Math.min(...waits),
    });
  }

  #look(): void {
    const info = this.#servers.map((server) => server.info()).find((one) => one !== undefined);
    const isReady = info !== undefined;
    const isOther = info !== undefined && info.id !== this.#info?.id;
    if (info !== undefined)
      this.#info = { ...sumOf(info, this.#servers), loadedAt: this.#info?.loadedAt ?? new Date() };
    const isNews = isReady && (!this.#wasReady || isOther);
    this.#wasReady = isReady;
    if (isNews) for (const listener of this.#listeners) listener();
  }

  /** Vectors of servers can be compared only when all have one model; its name alone may be wrong. */
  #check({ info, sample }: ProbedServer): void {
    if (sample === undefined) return;
    const known = this.#sample;
    const isAlone = this.#servers.every(
      (server) => server.info() === undefined || server.info()?.id === info.id,
    );
    if (known === undefined || (known.id !== info.id && isAlone)) {
      this.#sample = { id: info.id, sample };
      return;
    }
    if (known.id !== info.id)
      throw new ServerFault('failed', `has the model ${info.id}, and the others ${known.id}`);
    if (cosine(known.sample, sample) < SAME_MODEL)
      throw new ServerFault('failed', `makes other vectors under the name ${info.id} than were made before`);
  }
}

export interface ServerHooks {
  readonly onChange: () => void;
  readonly check: (probed: ProbedServer) => void;
}

interface Failure {
  readonly error: unknown;
  /** A word of the answer was given on. */
  readonly hasBegun: boolean;
}

async function tryServer(
  replies: AsyncIterable<ModelReply>,
  onReply: (reply: ModelReply) => void,
): Promise<Failure | undefined> {
  let hasBegun = false;
  try {
    for await (const reply of replies) {
      hasBegun ||= reply.kind === 'text';
      onReply(reply);
    }
    return undefined;
  } catch (error) {
    return { error, hasBegun };
  }
}

function takesCalls(server: ModelServer): boolean {
  const { breaker, busy } = server.waitMs();
  return server.info() !== undefined && breaker === 0 && busy === 0;
}

/** As many calls side by side as all servers together take, and no longer ones than each takes. */
function sumOf(info: LoadedInfo, servers: readonly ModelServer[]): LoadedInfo {
  const infos = servers.flatMap((server) => server.info() ?? []);
  return {
    ...info,
    contextTokens: Math.min(...infos.map(({ contextTokens }) => contextTokens)),
    sequences: info.sequences === 1 ? 1 : infos.reduce((sum, { sequences }) => sum + sequences, 0),
  };
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof ModelError)) return false;
  return error.code === 'MODEL_SERVER_FAILED' ? error.retryable : PASSED_ON.has(error.code);
}

const PASSED_ON: ReadonlySet<string> = new Set(['OVERLOADED', 'BREAKER_OPEN']);

function isCut(error: unknown): boolean {
  const fault = error instanceof ModelError ? error.cause : undefined;
  return fault instanceof ServerFault && fault.isCut;
}

function toReply(error: unknown): ModelReply {
  const known =
    error instanceof ModelError
      ? error
      : new ModelError('MODEL_SERVER_FAILED', {
          detail: 'the answer of the model server cannot be read',
          cause: error,
        });
  const { code, message, retryAfterMs, retryable } = known;
  return { kind: 'failed', code, detail: message, retryAfterMs, retryable };
}

function describeServer({ url, status, detail, latencyMs, breaker }: ServerView, isReady: boolean): string {
  const speed = latencyMs === undefined || !isReady ? '' : `, first word after ${latencyMs} ms`;
  const place =
    status === 'ok' && isReady ? `at ${url}${detail === undefined ? '' : `, which ${detail}`}` : undefined;
  return `${place ?? `${url} ${detail ?? 'is being looked at'}`}${speed}, breaker ${breaker}`;
}
