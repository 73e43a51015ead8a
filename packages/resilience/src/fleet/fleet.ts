import type { BreakerDeps, Order } from '../breaker/breaker.ts';
import type { Member } from '../breaker/member.ts';
import { orderHere } from '../breaker/member.ts';
import type { Command, Force, Reply } from '../circuit/command.ts';
import type { Clock } from '../clock.ts';
import { ResilienceError } from '../errors.ts';
import type { Link, ProbeOutcome } from '../gate/gate.ts';
import { fingerprint } from '../redis/wire.ts';
import type { AuditEntry, Presence, Store, Target } from '../store/store.ts';
import type { View } from '../store/view.ts';
import { createDebts, type Debts } from './debts.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createStoreTally, type StoreTally } from './store-tally.ts';

/**
 * Joins this replica's breakers with those of the others through a store. Everything happens beside the calls:
 * outcomes are counted in memory and sent in batches, changes come by message and by poll, and a store that cannot
 * be reached is noted and asked again. Only the right to a probe is asked for while a caller waits.
 */
export interface Fleet {
  readonly up: boolean;
  /** Why the store cannot be used; undefined while it can. */
  readonly reason: string | undefined;
  readonly presence: Presence;
  readonly tally: StoreTally;
  /** Takes a shared breaker in; the link is what its gate asks through. */
  join(name: string, member: Member): void;
  order(name: string): BreakerDeps['order'];
  /** Resolves when the store has answered once, or when it is plain that it does not. */
  start(): Promise<void>;
  audit(count: number): Promise<readonly AuditEntry[]>;
  /** Sends what is counted, if that is quickly done. */
  close(): Promise<void>;
}

export interface FleetDeps {
  readonly service: string;
  readonly replica: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly timing?: Partial<FleetTiming> | undefined;
  /** For the jitter of polls. */
  readonly random?: (() => number) | undefined;
  readonly onStore: (up: boolean, reason: string | undefined) => void;
  readonly onRulesDiffer: (breaker: string) => void;
}

export interface FleetTiming {
  readonly pollMs: number;
  /** Between attempts to reach a store that is away. */
  readonly pollDownMs: number;
  readonly flushMs: number;
  readonly startWaitMs: number;
  readonly closeWaitMs: number;
}

type GivenOrder = Order & { readonly ttlMs?: number };

interface Joined {
  readonly member: Member;
  readonly target: Target;
  readonly outbox: Outbox;
  readonly debts: Debts;
  warned: boolean;
  /** An isolation that the fleet has not heard of. */
  owed: (GivenOrder & { readonly sinceMs: number }) | undefined;
  /** Since when this replica goes its own way. */
  apartSinceMs: number | undefined;
}

export class StoreFleet implements Fleet {
  up = false;
  reason: string | undefined = 'not started';
  presence: Presence = { live: 1, disagreeing: {} };
  readonly tally = createStoreTally();
  readonly #deps: FleetDeps;
  readonly #timing: FleetTiming;
  readonly #joined = new Map<string, Joined>();
  readonly #dirty = new Set<Joined>();
  readonly #firstAnswer = Promise.withResolvers<void>();
  #cancelPoll = () => {};
  #cancelFlush: (() => void) | undefined;
  #polling = false;
  #pollAgain = false;
  #started = false;
  #closed = false;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
    this.#timing = { ...defaultTiming, ...deps.timing };
  }

  join(name: string, member: Member): void {
    const { service, clock } = this.#deps;
    const target: Target = { service, breaker: name, rules: member.gate.rules };
    const joined: Joined = {
      member,
      target,
      outbox: createOutbox(clock),
      debts: createDebts(clock),
      warned: false,
      owed: undefined,
      apartSinceMs: undefined,
    };
    this.#joined.set(name, joined);
    member.gate.link = this.#link(joined);
    if (this.#started) this.#poll();
  }

  order(name: string): BreakerDeps['order'] {
    return async (action, order) => {
      const joined = this.#joined.get(name) as Joined;
      const answer = await this.#command(joined, action, order);
      if (answer?.refusal === 'moved') throw new ResilienceError('GENERATION_MOVED');
      joined.owed = undefined;
      if (answer?.accepted) return { reached: 'fleet', generation: joined.member.gate.generation };
      const result = await orderHere(joined.member.gate)(action, order);
      if (action === 'isolate') joined.owed = { ...order, sinceMs: this.#deps.clock.nowMs() };
      return result;
    };
  }

  async start(): Promise<void> {
    if (!this.#started) {
      this.#started = true;
      this.reason = 'connecting';
      this.#deps.store.start({
        onReady: () => this.#poll(),
        onView: (service, breaker, view) => this.#heard(service, breaker, view),
      });
      this.#poll();
    }
    const late = Promise.withResolvers<void>();
    const cancel = this.#deps.clock.after(this.#timing.startWaitMs, late.resolve);
    await Promise.race([this.#firstAnswer.promise, late.promise]);
    cancel();
  }

  audit(count: number): Promise<readonly AuditEntry[]> {
    return this.#timed(() => this.#deps.store.audit(count));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#cancelPoll();
    this.#cancelFlush?.();
    if (this.up) {
      const late = Promise.withResolvers<void>();
      const cancel = this.#deps.clock.after(this.#timing.closeWaitMs, late.resolve);
      await Promise.race([this.#flush(), late.promise]);
      cancel();
    }
    this.#closed = true;
    for (const { member } of this.#joined.values()) member.gate.link = undefined;
    this.#lost('closed');
    await this.#deps.store.close();
  }

  #command(joined: Joined, action: Force['action'], order: GivenOrder): Promise<Reply | undefined> {
    const { ifGeneration, reason, by = 'process', ttlMs } = order;
    return this.#sendSeeding(joined, (floor) => ({
      kind: 'force',
      replica: this.#deps.replica,
      floor,
      action,
      by,
      reason,
      ttlMs: ttlMs === undefined ? undefined : Math.max(1, Math.round(ttlMs)),
      ifGeneration,
    }));
  }

  /** An isolation ordered while the store was away reaches the fleet now, unless its time is over. */
  async #passOn(joined: Joined): Promise<void> {
    if (joined.owed === undefined) return;
    const { by, reason, ttlMs, sinceMs } = joined.owed;
    const leftMs = ttlMs === undefined ? undefined : sinceMs + ttlMs - this.#deps.clock.nowMs();
    const over = leftMs !== undefined && leftMs <= 0;
    const order = { reason, by, ...(leftMs === undefined ? {} : { ttlMs: leftMs }) };
    if (over || (await this.#command(joined, 'isolate', order))?.accepted) joined.owed = undefined;
  }

  #link(joined: Joined): Link {
    const fleet = this;
    const counts = joined.target.rules.window.kind === 'sampling';
    return {
      get up() {
        return fleet.up;
      },
      count: (failed, slow) => {
        if (counts && joined.outbox.count(failed, slow)) fleet.#flushSoon(joined);
      },
      trip: (cause) => void fleet.#trip(joined, cause),
      lease: (token) => fleet.#lease(joined, token),
      settle: (token, outcome, cause) => fleet.#settle(joined, token, outcome, cause),
    };
  }

  async #trip(joined: Joined, cause: string): Promise<void> {
    const { gate } = joined.member;
    const { live } = this.presence;
    if (!this.up || gate.shared === undefined) return;
    const { generation } = gate.shared;
    const { replica } = this.#deps;
    // The counts first: they may be what the others need to know.
    this.#dirty.delete(joined);
    await Promise.all([
      this.#flushOne(joined),
      this.#send(joined, { kind: 'trip', replica, floor: generation, generation, cause, live }),
    ]);
  }

  async #lease(joined: Joined, token: string): Promise<Reply | undefined> {
    const asked = this.up;
    const reply = await this.#sendSeeding(joined, (floor) => ({
      kind: 'lease',
      replica: this.#deps.replica,
      floor,
      token,
    }));
    // The store may have given it all the same: handed back when it can be reached.
    if (asked && reply === undefined) {
      joined.debts.owe({ token, outcome: 'ignored', cause: undefined }, joined.target.rules.leaseMs);
    }
    return reply;
  }

  async #settle(
    joined: Joined,
    token: string,
    outcome: ProbeOutcome,
    cause: string | undefined,
  ): Promise<boolean> {
    const { replica } = this.#deps;
    const reply = await this.#send(joined, { kind: 'settle', replica, floor: 0, token, outcome, cause });
    if (reply !== undefined) return true;
    joined.debts.owe({ token, outcome, cause }, joined.target.rules.leaseMs);
    return false;
  }

  #flushSoon(joined: Joined): void {
    this.#dirty.add(joined);
    if (this.#closed) return;
    this.#cancelFlush ??= this.#deps.clock.after(this.#timing.flushMs, () => {
      this.#cancelFlush = undefined;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    await Promise.all(dirty.map((joined) => this.#flushOne(joined)));
  }

  async #flushOne(joined: Joined): Promise<void> {
    const { gate } = joined.member;
    const { replica } = this.#deps;
    if (!this.up || gate.shared === undefined) return;
    const { generation } = gate.shared;
    const batch = joined.outbox.take();
    this.tally.dropped += joined.outbox.dropped();
    if (batch === undefined) return;
    const { live } = this.presence;
    const reply = await this.#send(joined, {
      kind: 'flush',
      replica,
      floor: generation,
      generation,
      live,
      ...batch,
    });
    joined.outbox.sent(batch, reply !== undefined);
    if (reply?.refusal === 'lost') await this.#seed(joined);
    if (joined.outbox.waiting) this.#flushSoon(joined);
  }

  /** Sends a command; if the store has lost what was known of the breaker, tells it, and sends again. */
  async #sendSeeding(joined: Joined, command: (floor: number) => Command): Promise<Reply | undefined> {
    const floor = () => joined.member.gate.shared?.generation ?? 0;
    const reply = await this.#send(joined, command(floor()));
    if (reply?.refusal !== 'lost') return reply;
    await this.#seed(joined);
    return this.#send(joined, command(floor()));
  }

  async #seed(joined: Joined): Promise<void> {
    const view = joined.member.gate.sharedView();
    if (view === undefined || view.generation === 0) return;
    const { forced } = view;
    await this.#send(joined, {
      kind: 'seed',
      replica: this.#deps.replica,
      floor: view.generation,
      state: view.state,
      remainingMs: Math.round(view.remainingMs),
      attempt: view.attempt,
      cause: view.cause,
      changedBy: view.changedBy,
      forced: forced && {
        by: forced.by,
        reason: forced.reason,
        remainingMs: forced.remainingMs === undefined ? undefined : Math.round(forced.remainingMs),
      },
    });
  }

  /** @returns undefined when the store could not say; that it is away is noted. */
  async #send(joined: Joined, command: Command): Promise<Reply | undefined> {
    if (!this.up) return undefined;
    try {
      const { reply, view } = await this.#timed(() => this.#deps.store.send(joined.target, command));
      if (!this.#closed) this.#adopt(joined, view);
      return reply;
    } catch (error) {
      this.#lost(reasonOf(error));
      this.#pollIn(this.#timing.pollDownMs / 4);
      return undefined;
    }
  }

  #heard(service: string, breaker: string, view: View): void {
    const joined = service === this.#deps.service ? this.#joined.get(breaker) : undefined;
    if (joined !== undefined && !this.#closed) this.#adopt(joined, view);
  }

  #adopt(joined: Joined, view: View): 'followed' | 'known' | 'lost' {
    const { gate } = joined.member;
    const result = gate.adopt(view);
    // What was counted belongs to another generation.
    if (result === 'followed') joined.outbox.forget();
    const own = fingerprint(joined.target.rules);
    if (view.rules !== undefined && view.rules !== own && !joined.warned) {
      joined.warned = true;
      this.#deps.onRulesDiffer(joined.target.breaker);
    }
    return result;
  }

  #poll(): void {
    if (this.#closed) return;
    if (this.#polling) {
      this.#pollAgain = true;
      return;
    }
    this.#cancelPoll();
    this.#polling = true;
    void this.#pollOnce().finally(() => {
      this.#polling = false;
      const again = this.#pollAgain;
      this.#pollAgain = false;
      if (again) this.#poll();
      else this.#pollIn(this.up ? this.#timing.pollMs : this.#timing.pollDownMs);
    });
  }

  #pollIn(ms: number): void {
    if (this.#closed) return;
    this.#cancelPoll();
    const { clock, random = Math.random } = this.#deps;
    this.#cancelPoll = clock.after(ms * (0.8 + random() * 0.4), () => this.#poll());
  }

  async #pollOnce(): Promise<void> {
    const { store, service, replica } = this.#deps;
    const joined = [...this.#joined.values()];
    try {
      const [views, presence] = await this.#timed(() =>
        Promise.all([
          store.read(joined.map(({ target }) => target)),
          store.announce(service, replica, this.#apart()),
        ]),
      );
      if (this.#closed) return;
      this.presence = presence;
      this.#found();
      await Promise.all(joined.map((one, i) => this.#catchUp(one, views[i])));
    } catch (error) {
      this.#lost(reasonOf(error));
    }
  }

  async #catchUp(joined: Joined, view: View | undefined): Promise<void> {
    const { gate } = joined.member;
    await this.#passOn(joined);
    const known = gate.sharedView();
    // Nothing known of a breaker that is well: it has been idle for long, or the store is new.
    const idle =
      view === undefined && (known === undefined || (known.state === 'closed' && known.forced === undefined));
    const result = idle && known !== undefined ? 'known' : this.#adopt(joined, view ?? blankView);
    if (result === 'lost') await this.#seed(joined);
    await this.#payDebts(joined);
    const votes = gate.state === 'open' && gate.scope === 'local' && gate.shared?.state === 'closed';
    if (votes) await this.#trip(joined, gate.circuit.cause ?? 'failure-rate');
    if (joined.outbox.waiting) this.#flushSoon(joined);
  }

  async #payDebts(joined: Joined): Promise<void> {
    const { replica } = this.#deps;
    for (const debt of joined.debts.open()) {
      const reply = await this.#send(joined, { kind: 'settle', replica, floor: 0, ...debt });
      if (reply !== undefined) joined.debts.paid(debt);
    }
  }

  /** Breakers on which this replica has gone its own way for a while: fleets that stay split are to be seen. */
  #apart(): string[] {
    const nowMs = this.#deps.clock.nowMs();
    const names: string[] = [];
    for (const [name, joined] of this.#joined) {
      const { gate } = joined.member;
      const apart =
        gate.shared !== undefined && gate.shared.state === 'closed' && gate.circuit.state !== 'closed';
      joined.apartSinceMs = apart ? (joined.apartSinceMs ?? nowMs) : undefined;
      if (joined.apartSinceMs !== undefined && nowMs - joined.apartSinceMs > apartAfterMs) names.push(name);
    }
    return names;
  }

  async #timed<T>(run: () => Promise<T>): Promise<T> {
    const startMs = this.#deps.clock.nowMs();
    try {
      return await run();
    } finally {
      this.tally.commands++;
      this.tally.commandSumMs += this.#deps.clock.nowMs() - startMs;
    }
  }

  #found(): void {
    this.#firstAnswer.resolve();
    if (this.up) return;
    this.up = true;
    this.reason = undefined;
    this.#deps.onStore(true, undefined);
  }

  #lost(reason: string): void {
    const was = this.up;
    this.up = false;
    this.reason = reason;
    if (was && !this.#closed) this.#deps.onStore(false, reason);
  }
}

export const defaultTiming: FleetTiming = {
  pollMs: 1_000,
  pollDownMs: 400,
  flushMs: 50,
  startWaitMs: 250,
  closeWaitMs: 500,
};

const apartAfterMs = 5_000;

/** What an absent record says. */
const blankView: View = { generation: 0, state: 'closed', remainingMs: 0, attempt: 0, changedAtMs: 0 };

/** The first word of a Redis error is its kind: NOPERM, READONLY, OOM. */
const reasonOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z]{4,}(?= )/.exec(message)?.[0] ?? message;
};
