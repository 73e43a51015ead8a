import { setTimeout as delay } from 'node:timers/promises';
import type { Breaker } from '@xnai/resilience';
import type { LoadedInfo, ModelCall, ModelReply } from '../child/messages.ts';
import type { EmbedPrefixes, ModelLog, ModelRole, ServerView } from '../model.ts';
import { acquirePermit } from '../model-breaker.ts';
import { ModelError } from '../model-error.ts';
import type { ServerAddress } from '../server-address.ts';
import { type Choosable, createServerLoad } from './choose-server.ts';
import { type FoundModel, findModel } from './find-model.ts';
import { type ProbedServer, probeServer } from './probe-server.ts';
import type { RemoteLimits } from './remote-limits.ts';
import { runRemotely } from './run-remotely.ts';
import { createServerClient, type ServerClient } from './server-client.ts';
import { ServerFault } from './server-fault.ts';
import { toModelError } from './to-model-error.ts';

export interface ModelServerOptions {
  readonly role: ModelRole;
  readonly address: ServerAddress;
  readonly key: string | undefined;
  readonly limits: RemoteLimits;
  readonly contextTokens: number;
  readonly embedPrefixes: Partial<EmbedPrefixes>;
  /** Of this server, shared by all replicas; asked for at each use. */
  readonly breaker: () => Breaker;
  readonly log: ModelLog;
  /** Throws when this server must not take part, as its model is another than that of its neighbours. */
  readonly check: (probed: ProbedServer) => void;
  /** Its state has changed. */
  readonly onChange: () => void;
}

type State =
  | { readonly name: 'unknown' }
  | { readonly name: 'ready'; readonly probed: ProbedServer }
  | { readonly name: 'down'; readonly reason: string };

/** One server of a list, which is looked after in the background. */
export class ModelServer implements Choosable, Disposable {
  readonly #options: ModelServerOptions;
  readonly #client: ServerClient;
  readonly #load = createServerLoad();
  #state: State = { name: 'unknown' };
  #busyUntilMs = 0;
  /** Of the last call that failed by its fault, until one succeeds. */
  #lastFault: string | undefined;
  /** An answer was none of the model that was probed, or may not have been: it is probed anew at the next look. */
  #isDoubted = false;
  /** Looks in a row that found nothing. */
  #missed = 0;
  #bell = Promise.withResolvers<void>();

  constructor(options: ModelServerOptions) {
    const { address, key, limits } = options;
    this.#options = options;
    this.#client = createServerClient({ base: address.base, key, limits });
  }

  costMs(): number {
    return this.#load.costMs();
  }

  /** How the model was probed, while the server is ready. */
  probed(): ProbedServer | undefined {
    return this.#state.name === 'ready' ? this.#state.probed : undefined;
  }

  info(): LoadedInfo | undefined {
    return this.probed()?.info;
  }

  /** Of its breaker, and until it has room again; both zero when it takes a call now. */
  waitMs(): { readonly breaker: number; readonly busy: number } {
    return {
      breaker: this.#options.breaker().retryAfterMs,
      busy: Math.max(0, this.#busyUntilMs - Date.now()),
    };
  }

  view(): ServerView {
    const { address, breaker } = this.#options;
    const { latencyMs } = this.#load;
    return {
      url: address.base,
      model: this.info()?.id ?? address.model,
      status: STATUS[this.#state.name],
      detail: this.#whyNotAsked(),
      latencyMs: latencyMs === undefined ? undefined : Math.round(latencyMs),
      breaker: breaker().state,
    };
  }

  /**
   * One call; the last reply is final.
   *
   * @throws {ModelError} MODEL_SERVER_FAILED, OVERLOADED or BREAKER_OPEN, after which another server may be asked; the
   *   codes of the request
   */
  async *run(call: ModelCall, signal: AbortSignal): AsyncGenerator<ModelReply, void, void> {
    const { breaker, address } = this.#options;
    const probed = this.probed();
    if (probed === undefined)
      throw new ModelError('MODEL_SERVER_FAILED', { detail: `${address.base} is not ready` });
    // Counting succeeds whatever the server does, so that it tells the breaker nothing.
    await using permit = isCount(call) ? undefined : await acquirePermit(breaker(), signal);
    this.#load.begin();
    try {
      yield* this.#timed(call, runRemotely(call, { client: this.#client, ...probed }, signal));
      permit?.success();
      if (permit !== undefined) this.#lastFault = undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ServerFault) this.#note(error);
      if (error instanceof ServerFault && error.kind === 'failed') permit?.failure(error);
      throw toModelError(error, { base: address.base, call });
    } finally {
      this.#load.end();
    }
  }

  /** Looks after the server until the signal aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    const { lookEveryMs, lookAgainMs } = this.#options.limits;
    for (let failures = 0; !signal.aborted; ) {
      failures = (await this.#look(signal)) ? 0 : failures + 1;
      const restMs = failures === 0 ? lookEveryMs : Math.min(lookEveryMs, lookAgainMs * 2 ** (failures - 1));
      // A call that has failed is reason to look at once, but not more often than after a failed look.
      const least = delay(Math.min(restMs, lookAgainMs), undefined, { signal });
      const rung = Promise.all([least, this.#bell.promise]);
      await Promise.race([delay(restMs, undefined, { signal }), rung]).catch(() => undefined);
      void rung.catch(() => undefined);
      this.#bell = Promise.withResolvers();
    }
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }

  /** Continues a sentence that begins with the server's name; undefined while it is asked. */
  #whyNotAsked(): string | undefined {
    if (this.#state.name === 'down') return this.#state.reason;
    const { breaker, busy } = this.waitMs();
    if (breaker > 0)
      return `is left alone for ${inSeconds(breaker)}: it ${this.#lastFault ?? 'failed another replica'}`;
    return busy > 0 ? `is busy, and left alone for ${inSeconds(busy)}` : undefined;
  }

  async *#timed(call: ModelCall, replies: AsyncGenerator<ModelReply, void, void>) {
    const startedAtMs = performance.now();
    let isFirst = !isCount(call);
    for await (const reply of replies) {
      if (isFirst) this.#load.answered(performance.now() - startedAtMs);
      isFirst = false;
      yield reply;
    }
  }

  async #look(signal: AbortSignal): Promise<boolean> {
    const { address, role, limits, check } = this.#options;
    const client = this.#client;
    let found: FoundModel | undefined;
    try {
      found = await findModel(address, role, { client, signal, timeoutMs: limits.lookMs });
      this.#missed = 0;
      if (isSame(this.info(), found) && !this.#isDoubted) return true;
      const probed = await probeServer(found, { ...this.#options, base: address.base, client, signal });
      check(probed);
      this.#isDoubted = false;
      this.#enter({ name: 'ready', probed });
      return true;
    } catch (error) {
      if (signal.aborted || this.#mayStay(error, found)) return false;
      this.#enter({ name: 'down', reason: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }

  /**
   * A server that is slow to list its models, or has no room for that, may still answer calls. One that has no room for the
   * probe of the model that it had says nothing of that model.
   */
  #mayStay(error: unknown, found: FoundModel | undefined): boolean {
    if (this.#state.name !== 'ready') return false;
    const isBusy = error instanceof ServerFault && error.kind === 'busy';
    if (found !== undefined) return isBusy && isSame(this.info(), found);
    return isBusy || ++this.#missed < MOST_MISSED;
  }

  #enter(next: State): void {
    const { role, address, log, onChange } = this.#options;
    const before = this.#state;
    this.#state = next;
    const fields = { role, server: address.base };
    if (next.name === 'ready')
      log.info({ ...fields, model: next.probed.info.id }, 'the model server is ready');
    if (next.name === 'down' && !(before.name === 'down' && before.reason === next.reason))
      log.warn({ ...fields, reason: next.reason }, 'the model server cannot be used');
    onChange();
  }

  #note({ kind, retryAfterMs, said, message }: ServerFault): void {
    const { role, address, log } = this.#options;
    log.warn({ role, server: address.base, reason: message }, 'a call of a model server failed');
    if (said !== '') log.debug({ role, server: address.base, said }, 'what the model server said');
    if (kind === 'busy') this.#busyUntilMs = Date.now() + Math.min(retryAfterMs ?? BUSY_MS, MOST_BUSY_MS);
    if (kind !== 'failed') return;
    this.#lastFault = message;
    // Another model under the same name shows by its answers alone; the skills of a generator are those of the server.
    this.#isDoubted ||= role !== 'generate';
    this.#load.failed();
    this.#bell.resolve();
  }
}

function isCount({ kind }: ModelCall): boolean {
  return kind === 'count' || kind === 'count-prompt';
}

/** Another context under the same name is another model. */
function isSame(info: LoadedInfo | undefined, { id, contextTokens }: FoundModel): boolean {
  return info?.id === id && (contextTokens ?? info.trainContextTokens) === info.trainContextTokens;
}

function inSeconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}

const MOST_MISSED = 3;

const STATUS = { unknown: 'starting', ready: 'ok', down: 'down' } as const;

/** How long a server without a `Retry-After` is left alone, and the longest that one is believed. */
const BUSY_MS = 1_000;
const MOST_BUSY_MS = 60_000;
