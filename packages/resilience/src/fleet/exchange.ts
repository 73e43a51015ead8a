import type { Command, Reply } from '../circuit/command.ts';
import { fingerprint } from '../circuit/rules.ts';
import type { Answer, Presence, Store } from '../store/store.ts';
import type { View } from '../store/view.ts';
import type { Clock } from '../time/clock.ts';
import type { Joined } from './joined.ts';

export interface ExchangeDeps {
  readonly replica: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly onStore: (up: boolean, reason: string | undefined) => void;
  readonly onRulesDiffer: (joined: Joined) => void;
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

/** The way to the store: sends commands, follows what comes back, and knows whether the store can be reached. */
export class Exchange {
  up = false;
  /** Why the store cannot be used; undefined while it can. */
  reason: string | undefined = 'not started';
  presence: Presence = { live: 1, disagreeing: {} };
  closed = false;
  readonly replica: string;
  readonly clock: Clock;
  readonly tally: StoreTally = { commands: 0, commandSumMs: 0, dropped: 0 };
  readonly #deps: ExchangeDeps;

  constructor(deps: ExchangeDeps) {
    this.replica = deps.replica;
    this.clock = deps.clock;
    this.#deps = deps;
  }

  /** @returns undefined when the store does not answer, which is noted. */
  async send(joined: Joined, command: Command): Promise<Reply | undefined> {
    if (!this.up) return undefined;
    let answer: Answer;
    try {
      answer = await this.timed(() => this.#deps.store.send(joined.target, command));
    } catch (error) {
      this.lost(reasonOf(error));
      this.#deps.onLost();
      return undefined;
    }
    if (!this.closed) this.adopt(joined, answer.view);
    return answer.reply;
  }

  /** Sends a command; if the store has lost what was known of the breaker, tells it, and sends again. */
  async sendSeeding(joined: Joined, command: (floor: number) => Command): Promise<Reply | undefined> {
    const floor = () => joined.member.gate.shared?.generation ?? 0;
    const reply = await this.send(joined, command(floor()));
    if (reply?.refusal !== 'lost') return reply;
    await this.seed(joined);
    return this.send(joined, command(floor()));
  }

  /** Tells a store that has lost its memory what is known here. */
  async seed(joined: Joined): Promise<void> {
    const view = joined.member.gate.sharedView();
    if (view === undefined || view.generation === 0) return;
    const { state, attempt, cause, changedBy, forced } = view;
    await this.send(joined, {
      kind: 'seed',
      replica: this.replica,
      floor: view.generation,
      state,
      remainingMs: Math.round(view.remainingMs),
      attempt,
      cause,
      changedBy,
      forced: forced && {
        by: forced.by,
        reason: forced.reason,
        remainingMs: forced.remainingMs === undefined ? undefined : Math.round(forced.remainingMs),
      },
    });
  }

  adopt(joined: Joined, view: View): 'followed' | 'known' | 'lost' {
    const result = joined.member.gate.adopt(view);
    // What was counted belongs to another generation.
    if (result === 'followed') joined.outbox.forget();
    const { rules } = view;
    if (!joined.warned && rules !== undefined && rules !== fingerprint(joined.target.rules)) {
      joined.warned = true;
      this.#deps.onRulesDiffer(joined);
    }
    return result;
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

  lost(reason: string): void {
    const was = this.up;
    this.up = false;
    this.reason = reason;
    if (was && !this.closed) this.#deps.onStore(false, reason);
  }
}

/** The first word of a Redis error is its kind: NOPERM, READONLY, OOM. */
export const reasonOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z]{4,}(?= )/.exec(message)?.[0] ?? message;
};
