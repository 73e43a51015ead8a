import type { Command } from '../circuit/command.ts';
import type { Answer, BreakerStore, StoredBreaker } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';

export interface ExchangeDeps {
  readonly replica: string;
  readonly store: BreakerStore;
  readonly clock: Clock;
  readonly flushMs: number;
  readonly onStore: (up: boolean, reason: string | undefined) => void;
  /** A command failed: the store is to be asked again soon. */
  readonly onLost: () => void;
}

/** What the store has cost since the process started. */
export interface StoreTally {
  commands: number;
  commandSumMs: number;
  /** Outcomes that were not sent to the fleet because the store was away for too long. */
  dropped: number;
}

/** What has counts to send, and sends those that wait. */
interface Flushed {
  flush(): Promise<void>;
}

/** The way to the store: sends commands, and knows whether the store can be reached. */
export class Exchange {
  up = false;
  /** Why the store cannot be used; undefined while it can. */
  reason: string | undefined = 'not started';
  /** Replicas of the service alive now, as far as this one knows. */
  live = 1;
  closed = false;
  readonly replica: string;
  readonly clock: Clock;
  readonly tally: StoreTally = { commands: 0, commandSumMs: 0, dropped: 0 };
  readonly #deps: ExchangeDeps;
  readonly #dirty = new Set<Flushed>();
  #cancelFlush: (() => void) | undefined;

  constructor(deps: ExchangeDeps) {
    this.replica = deps.replica;
    this.clock = deps.clock;
    this.#deps = deps;
  }

  /** @returns undefined when the store does not answer, which is noted. */
  async send(target: StoredBreaker, command: Command): Promise<Answer | undefined> {
    if (!this.up) return undefined;
    try {
      return await this.timed(() => this.#deps.store.send(target, command));
    } catch (error) {
      this.lost(error);
      this.#deps.onLost();
      return undefined;
    }
  }

  async timed<T>(run: () => Promise<T>): Promise<T> {
    const startMs = this.clock.nowMs();
    try {
      return await run();
    } finally {
      this.tally.commands++;
      this.tally.commandSumMs += this.clock.nowMs() - startMs;
    }
  }

  /** What waits in this one goes out with the next batch, together with that of the others. */
  flushSoon(one: Flushed): void {
    this.#dirty.add(one);
    if (this.closed) return;
    this.#cancelFlush ??= this.clock.inBackground(this.#deps.flushMs, () => void this.flush());
  }

  /** Sends all that waits. */
  async flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const all = [...this.#dirty];
    this.#dirty.clear();
    await Promise.all(all.map((one) => one.flush()));
  }

  found(): void {
    if (this.up) return;
    this.up = true;
    this.reason = undefined;
    this.#deps.onStore(true, undefined);
  }

  /** Reports a store that has never been reached; `lost` reports only one that was up. */
  tellIfAway(): void {
    if (!this.up && !this.closed) this.#deps.onStore(false, this.reason);
  }

  lost(error: unknown): void {
    const was = this.up;
    this.up = false;
    this.reason = reasonOf(error);
    if (was && !this.closed) this.#deps.onStore(false, this.reason);
  }

  close(): void {
    this.closed = true;
    this.#cancelFlush?.();
    this.up = false;
    this.reason = 'closed';
  }
}

/** The first word of a Redis error is its kind: NOPERM, READONLY, OOM. ioredis names its options where there is no connection. */
const reasonOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith("Stream isn't writeable")) return 'Redis is not connected';
  return /^[A-Z]{4,}(?= )/.exec(message)?.[0] ?? message;
};
