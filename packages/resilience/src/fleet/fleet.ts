import type { Member } from '../breaker/member.ts';
import type { GiveOrder } from '../breaker/order.ts';
import type { Link } from '../gate/link.ts';
import { defaultTiming, type FleetTiming } from '../options/registry-options.ts';
import type { AuditEntry, FamilyTarget, Presence, Store } from '../store/store.ts';
import type { View } from '../store/view.ts';
import type { Clock } from '../time/clock.ts';
import { withTimeLimit } from '../time/time-limit.ts';
import { Exchange, reasonOf, type StoreTally } from './exchange.ts';
import { createFamilies, type SharedFamily } from './families.ts';
import { createJoined, type Joined, namesApart } from './joined.ts';
import { orderFleet, passOnOrder } from './orders.ts';
import { createPoller, type Poller } from './poller.ts';
import { leaseProbe, payDebts, settleProbe } from './probes.ts';
import { createReports, type Reports } from './reports.ts';

export interface FleetDeps {
  readonly service: string;
  readonly replica: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly timing?: Partial<FleetTiming> | undefined;
  /** For the jitter of polls. */
  readonly random?: (() => number) | undefined;
  readonly onStore: (up: boolean, reason: string | undefined) => void;
  readonly onRulesDiffer: (joined: Joined) => void;
}

/**
 * Joins this replica's breakers with those of the others through a store. Everything happens beside the calls:
 * outcomes are counted in memory and sent in batches, changes come by message and by poll, and a store that cannot
 * be reached is noted and asked again. Only the right to a probe is asked for while a caller waits.
 */
export class Fleet {
  readonly #deps: FleetDeps;
  readonly #timing: FleetTiming;
  readonly #joined = new Map<string, Joined>();
  readonly #families = createFamilies();
  readonly #exchange: Exchange;
  readonly #reports: Reports;
  readonly #poller: Poller;
  readonly #firstAnswer = Promise.withResolvers<void>();
  #started = false;

  constructor(deps: FleetDeps) {
    const { clock, random = Math.random } = deps;
    this.#deps = deps;
    this.#timing = { ...defaultTiming, ...deps.timing };
    const { pollMs, pollDownMs, flushMs } = this.#timing;
    const onLost = () => this.#poller.pollIn(pollDownMs / 4);
    this.#exchange = new Exchange({ ...deps, onLost });
    this.#reports = createReports(this.#exchange, clock, flushMs);
    const intervalMs = () => (this.up ? pollMs : pollDownMs);
    this.#poller = createPoller(() => this.#pollOnce(), { clock, random, intervalMs });
  }

  get up(): boolean {
    return this.#exchange.up;
  }

  /** Why the store cannot be used; undefined while it can. */
  get reason(): string | undefined {
    return this.#exchange.reason;
  }

  get presence(): Presence {
    return this.#exchange.presence;
  }

  get tally(): StoreTally {
    return this.#exchange.tally;
  }

  /** Takes a shared breaker in: from now on, its gate asks here. */
  join(name: string, member: Member): void {
    this.#takeIn(name, member);
    if (this.#started) this.#poller.poll();
  }

  /** From now on, members of this family that other replicas open are taken in. */
  joinFamily(family: SharedFamily): void {
    this.#families.add(family);
  }

  /** Takes a member that is not closed in, and tells the fleet of it. It leaves when it is closed. */
  joinMember(name: string, member: Member, family: FamilyTarget): void {
    if (this.#joined.get(name)?.member === member) return;
    const joined = this.#takeIn(name, member, family);
    if (this.up && member.gate.shared === undefined) void this.#meet(joined);
  }

  leave(name: string, member: Member): void {
    if (this.#joined.get(name)?.member !== member) return;
    this.#joined.delete(name);
    member.gate.link = undefined;
    this.#families.release(name);
  }

  order(name: string): GiveOrder {
    return (action, order) =>
      orderFleet(this.#exchange, this.#joined.get(name) as Joined, this.#deps.clock)(action, order);
  }

  /** An order for a member of a family, which may be closed. */
  orderMember(name: string, member: Member, family: FamilyTarget): GiveOrder {
    return async (action, order) => {
      const joined = this.#joined.get(name) ?? this.#takeIn(name, member, family);
      const result = await orderFleet(this.#exchange, joined, this.#deps.clock)(action, order);
      if (member.gate.passing) this.leave(name, member);
      return result;
    };
  }

  /** Resolves when the store has answered once, or when it is plain that it does not. */
  async start(): Promise<void> {
    if (!this.#started) {
      this.#started = true;
      this.#exchange.reason = 'connecting';
      this.#deps.store.start({
        onReady: () => this.#poller.poll(),
        onView: (service, breaker, view) => this.#heard(service, breaker, view),
      });
      this.#poller.poll();
    }
    await this.#atMost(this.#timing.startWaitMs, this.#firstAnswer.promise);
    this.#exchange.tellIfAway();
  }

  audit(count: number): Promise<readonly AuditEntry[]> {
    return this.#exchange.timed(() => this.#deps.store.audit(count));
  }

  /** Sends what is counted, if that is quickly done. */
  async close(): Promise<void> {
    if (this.#exchange.closed) return;
    this.#poller.stop();
    this.#reports.stop();
    if (this.up) await this.#atMost(this.#timing.closeWaitMs, this.#reports.flush());
    this.#exchange.closed = true;
    for (const { member } of this.#joined.values()) member.gate.link = undefined;
    this.#exchange.lost('closed');
    await this.#deps.store.close();
  }

  #takeIn(breaker: string, member: Member, family?: FamilyTarget): Joined {
    const { service, clock } = this.#deps;
    const joined = createJoined(member, { service, breaker, rules: member.gate.rules, family }, clock);
    this.#joined.set(breaker, joined);
    member.gate.link = this.#link(joined);
    return joined;
  }

  /** Takes in a member that another replica has opened. */
  #adoptMember(breaker: string): Joined | undefined {
    const { member, target } = this.#families.adopt(breaker) ?? {};
    return member && this.#takeIn(breaker, member, target);
  }

  #link(joined: Joined): Link {
    const exchange = this.#exchange;
    const reports = this.#reports;
    // Only sampling windows are summed over replicas.
    const counts = joined.target.rules.window.kind === 'sampling';
    return {
      get up() {
        return exchange.up;
      },
      count: counts ? (failed, slow) => reports.count(joined, failed, slow) : () => {},
      trip: (cause) => void this.#trip(joined, cause),
      lease: (token) => leaseProbe(exchange, joined, token),
      settle: (token, outcome, cause) => settleProbe(exchange, joined, { token, outcome, cause }),
    };
  }

  #heard(service: string, breaker: string, view: View): void {
    if (service !== this.#deps.service || this.#exchange.closed) return;
    const isClosed = view.state === 'closed' && view.forced === undefined;
    const joined = this.#joined.get(breaker) ?? (isClosed ? undefined : this.#adoptMember(breaker));
    if (joined !== undefined) this.#exchange.adopt(joined, view);
  }

  /** Asks what the fleet knows of a member, and tells what it does not know. */
  async #meet(joined: Joined): Promise<void> {
    const { store } = this.#deps;
    try {
      const [view] = await this.#exchange.timed(() => store.read([joined.target]));
      if (!this.#exchange.closed) await this.#catchUp(joined, view);
    } catch (error) {
      this.#exchange.lost(reasonOf(error));
    }
  }

  async #trip(joined: Joined, cause: string): Promise<void> {
    const reply = await this.#reports.trip(joined, cause);
    // There are too many in the fleet already: this replica decides alone until it opens the member again.
    if (reply?.refusal === 'full') this.leave(joined.target.breaker, joined.member);
  }

  async #pollOnce(): Promise<void> {
    const { store, service, replica, clock } = this.#deps;
    const exchange = this.#exchange;
    try {
      await this.#findMembers();
      const all = [...this.#joined.values()];
      // A replica that only shares families is none by whose number the fleet decides.
      const counts = all.some(({ target }) => target.family === undefined);
      const [views, presence] = await exchange.timed(() =>
        Promise.all([
          store.read(all.map(({ target }) => target)),
          counts ? store.announce(service, replica, namesApart(all, clock.nowMs())) : exchange.presence,
        ]),
      );
      if (exchange.closed) return;
      exchange.presence = presence;
      this.#firstAnswer.resolve();
      exchange.found();
      await Promise.all(all.map((joined, i) => this.#catchUp(joined, views[i])));
    } catch (error) {
      exchange.lost(reasonOf(error));
    }
  }

  async #findMembers(): Promise<void> {
    if (this.#families.size === 0) return;
    const { store } = this.#deps;
    for (const breaker of await this.#exchange.timed(() => this.#families.list(store))) {
      if (!this.#joined.has(breaker)) this.#adoptMember(breaker);
    }
  }

  /** After a poll: what the store says of a breaker is followed, and what it does not know yet is told. */
  async #catchUp(joined: Joined, view: View | undefined): Promise<void> {
    const exchange = this.#exchange;
    const { member, target } = joined;
    const { gate } = member;
    const isMember = target.family !== undefined;
    // What the store has given up is forgotten when its time is over.
    if (isMember && view === undefined && gate.isOver) return this.leave(target.breaker, member);
    await passOnOrder(exchange, joined, this.#deps.clock);
    const known = gate.sharedView();
    // Nothing known of a breaker that is well: it has been idle for long, or the store is new. That is news too, and
    // makes what is known here as fresh as this poll.
    const idle = view === undefined && known?.state === 'closed' && known.forced === undefined;
    const result = exchange.adopt(joined, view ?? (idle ? known : blankView));
    if (result === 'lost') await exchange.seed(joined);
    await payDebts(exchange, joined);
    const votes = gate.state === 'open' && gate.scope === 'local' && gate.shared?.state === 'closed';
    if (votes) await this.#trip(joined, gate.circuit.cause ?? 'failure-rate');
    if (joined.outbox.waiting) this.#reports.flushSoon(joined);
    if (isMember && gate.passing) this.leave(target.breaker, member);
  }

  async #atMost(timeoutMs: number, done: Promise<void>): Promise<void> {
    await withTimeLimit(() => done, { timeoutMs, clock: this.#deps.clock }).catch(() => undefined);
  }
}

/** What an absent record says. */
const blankView: View = { generation: 0, state: 'closed', remainingMs: 0, attempt: 0, changedAtMs: 0 };
