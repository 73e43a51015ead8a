import type { Member } from '../breaker/member.ts';
import type { Command, Reply, Settle } from '../circuit/command.ts';
import { ResilienceError } from '../errors.ts';
import type { Link, ProbeOutcome } from '../gate/link.ts';
import type { Action, GivenOrder, GiveOrder } from '../gate/order.ts';
import type { StoredBreaker } from '../store/store.ts';
import type { View } from '../store/view.ts';
import { type Batches, createBatches } from './batches.ts';
import type { Exchange } from './exchange.ts';

type Debt = Pick<Settle, 'token' | 'outcome' | 'cause'>;

/** A breaker that the fleet shares: carries the requests of its gate to the store, and keeps what the store has yet to hear. */
export class SharedBreaker implements Link {
  readonly member: Member;
  readonly target: StoredBreaker;
  readonly #exchange: Exchange;
  readonly #batches: Batches;
  /** Told when the store has no room for another open member of the family. */
  readonly #onFull: () => void;
  /** Ends of probes that the store has not heard of, by token; each matters until its lease is over. */
  readonly #debts = new Map<string, Debt & { readonly untilMs: number }>();
  /** An isolation that the fleet has not heard of. */
  #owed: (GivenOrder & { readonly sinceMs: number }) | undefined;

  constructor(member: Member, target: StoredBreaker, exchange: Exchange, onFull: () => void) {
    this.member = member;
    this.target = target;
    this.#exchange = exchange;
    this.#onFull = onFull;
    this.#batches = createBatches(exchange.clock, (calls) => {
      exchange.tally.dropped += calls;
    });
  }

  get up(): boolean {
    return this.#exchange.up;
  }

  count(failed: boolean, slow: boolean): void {
    // Only sampling windows are summed over replicas.
    if (this.target.rules.window.kind !== 'sampling') return;
    if (this.#batches.count(failed, slow)) this.#exchange.flushSoon(this);
  }

  trip(cause: string): void {
    void this.#vote(cause);
  }

  async lease(token: string): Promise<Reply | undefined> {
    const { replica, up: asked } = this.#exchange;
    const reply = await this.#sendSeeding((floor) => ({ kind: 'lease', replica, floor, token }));
    // The store may have given it all the same: handed back when it can be reached.
    if (asked && reply === undefined) this.#owe({ token, outcome: 'ignored', cause: undefined });
    return reply;
  }

  async settle(token: string, outcome: ProbeOutcome, cause: string | undefined): Promise<boolean> {
    const isHeard = await this.#tellEnd({ token, outcome, cause });
    if (!isHeard) this.#owe({ token, outcome, cause });
    return isHeard;
  }

  /** Gives an order to the whole fleet; to this replica alone while the store is away, and an isolation to the fleet later. */
  readonly order: GiveOrder = async (action, order) => {
    const reply = await this.#force(action, order);
    if (reply?.refusal === 'moved') throw new ResilienceError('GENERATION_MOVED');
    this.#owed = undefined;
    if (reply?.accepted) return { reached: 'fleet', generation: this.member.gate.generation };
    const result = await this.member.gate.orderHere(action, order);
    if (action === 'isolate') this.#owed = { ...order, sinceMs: this.#exchange.clock.nowMs() };
    return result;
  };

  /** Sends the counts that wait. */
  async flush(): Promise<void> {
    const stamp = this.#stamp();
    if (stamp === undefined) return;
    const batch = this.#batches.take();
    if (batch === undefined) return;
    const reply = await this.#send({ kind: 'flush', ...stamp, ...batch });
    this.#batches.sent(batch, reply !== undefined);
    if (reply?.refusal === 'lost') await this.#seed();
    if (this.#batches.isWaiting) this.#exchange.flushSoon(this);
  }

  adopt(view: View): 'followed' | 'known' | 'lost' {
    const result = this.member.gate.adopt(view);
    // What was counted belongs to another generation.
    if (result === 'followed') this.#batches.forget();
    return result;
  }

  /** After a poll: what the store says is followed, and what it does not know yet is told. */
  async catchUp(view: View | undefined): Promise<void> {
    const { gate } = this.member;
    await this.#passOnOrder();
    const known = gate.sharedView();
    // Nothing known of a breaker that is well: it has been idle for long, or the store is new. That is news too, and
    // makes what is known here as fresh as this poll.
    const isIdle = view === undefined && known?.state === 'closed' && known.forced === undefined;
    const result = this.adopt(view ?? (isIdle ? known : blankView));
    if (result === 'lost') await this.#seed();
    await this.#payDebts();
    const votes = gate.state === 'open' && gate.scope === 'local' && gate.shared?.state === 'closed';
    if (votes) await this.#vote(gate.circuit.cause ?? 'failure-rate');
    if (this.#batches.isWaiting) this.#exchange.flushSoon(this);
  }

  async #vote(cause: string): Promise<void> {
    const stamp = this.#stamp();
    if (stamp === undefined) return;
    // The counts first: they may be what the others need to know.
    const [, reply] = await Promise.all([this.flush(), this.#send({ kind: 'trip', ...stamp, cause })]);
    // There are too many in the fleet already: this replica decides alone until it opens the member again.
    if (reply?.refusal === 'full') this.#onFull();
  }

  /** What counts and votes are stamped with; undefined while the fleet has not been heard of. */
  #stamp() {
    const { up, replica, live } = this.#exchange;
    const generation = this.member.gate.shared?.generation;
    return up && generation !== undefined ? { replica, floor: generation, generation, live } : undefined;
  }

  async #send(command: Command): Promise<Reply | undefined> {
    const answer = await this.#exchange.send(this.target, command);
    if (answer !== undefined && !this.#exchange.closed) this.adopt(answer.view);
    return answer?.reply;
  }

  /** Sends a command; if the store has lost what was known of the breaker, tells it, and sends again. */
  async #sendSeeding(command: (floor: number) => Command): Promise<Reply | undefined> {
    const floor = () => this.member.gate.shared?.generation ?? 0;
    const reply = await this.#send(command(floor()));
    if (reply?.refusal !== 'lost') return reply;
    await this.#seed();
    return this.#send(command(floor()));
  }

  /** Tells a store that has lost its memory what is known here. */
  async #seed(): Promise<void> {
    const view = this.member.gate.sharedView();
    if (view === undefined || view.generation === 0) return;
    const { state, attempt, cause, changedBy, forced, generation: floor } = view;
    const { replica } = this.#exchange;
    const known = { state, attempt, cause, changedBy, forced, remainingMs: view.remainingMs };
    await this.#send({ kind: 'seed', replica, floor, ...known });
  }

  #force(action: Action, { ifGeneration, reason, by = 'process', ttlMs }: GivenOrder) {
    const { replica } = this.#exchange;
    const order = { action, by, reason, ttlMs: ttlMs && Math.max(1, Math.round(ttlMs)), ifGeneration };
    return this.#sendSeeding((floor) => ({ kind: 'force', replica, floor, ...order }));
  }

  /** An isolation ordered while the store was away reaches the fleet now, unless its time is over. */
  async #passOnOrder(): Promise<void> {
    if (this.#owed === undefined) return;
    const { by, reason, ttlMs, sinceMs } = this.#owed;
    const leftMs = ttlMs === undefined ? undefined : sinceMs + ttlMs - this.#exchange.clock.nowMs();
    const isOver = leftMs !== undefined && leftMs <= 0;
    const order = { reason, by, ...(leftMs === undefined ? {} : { ttlMs: leftMs }) };
    if (isOver || (await this.#force('isolate', order))?.accepted) this.#owed = undefined;
  }

  #owe(debt: Debt): void {
    const untilMs = this.#exchange.clock.nowMs() + this.target.rules.leaseMs;
    this.#debts.set(debt.token, { ...debt, untilMs });
  }

  async #payDebts(): Promise<void> {
    for (const { untilMs, ...debt } of [...this.#debts.values()]) {
      const isOver = untilMs < this.#exchange.clock.nowMs();
      if (isOver || (await this.#tellEnd(debt))) this.#debts.delete(debt.token);
    }
  }

  /** @returns false when the store has not heard of it. */
  async #tellEnd(debt: Debt): Promise<boolean> {
    const { replica } = this.#exchange;
    return (await this.#send({ kind: 'settle', replica, floor: 0, ...debt })) !== undefined;
  }
}

/** What an absent record says. */
const blankView: View = { generation: 0, state: 'closed', remainingMs: 0, attempt: 0, changedAtMs: 0 };
