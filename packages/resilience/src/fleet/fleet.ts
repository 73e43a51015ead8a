import type { Member } from '../breaker/member.ts';
import type { GiveOrder } from '../gate/order.ts';
import type { CheckedRegistryOptions } from '../options/registry-options.ts';
import type { AuditEntry, BreakerStore, FamilyTarget } from '../store/store.ts';
import type { View } from '../store/view.ts';
import type { Clock } from '../time/clock.ts';
import { withTimeLimit } from '../time/time-limit.ts';
import { Exchange } from './exchange.ts';
import { Poller } from './poller.ts';
import { SharedBreaker } from './shared-breaker.ts';

export interface FleetDeps extends Pick<CheckedRegistryOptions, 'service' | 'timing' | 'random'> {
  readonly replica: string;
  readonly store: BreakerStore;
  readonly clock: Clock;
  readonly onStore: (up: boolean, reason: string | undefined) => void;
}

/** A family whose members join the fleet while they are not closed. */
export interface SharedFamily {
  readonly target: FamilyTarget;
  /** The member of a key that another replica has opened; undefined when there is no room for it. */
  adopt(key: string): Member | undefined;
  release(key: string): void;
}

/**
 * Joins this replica's breakers with those of the others through a store. Everything happens beside the calls:
 * outcomes are counted in memory and sent in batches, changes come by message and by poll, and a store that cannot
 * be reached is noted and asked again. Only the right to a probe is asked for while a caller waits.
 */
export class Fleet {
  readonly exchange: Exchange;
  readonly #deps: FleetDeps;
  readonly #breakers = new Map<string, SharedBreaker>();
  readonly #families = new Map<string, SharedFamily>();
  readonly #poller: Poller;
  readonly #firstAnswer = Promise.withResolvers<void>();
  /** Members that are being told to the fleet. */
  readonly #meetings = new Set<Promise<void>>();
  #started = false;

  constructor(deps: FleetDeps) {
    const { pollMs, pollDownMs, flushMs } = deps.timing;
    this.#deps = deps;
    this.exchange = new Exchange({ ...deps, flushMs, onLost: () => this.#poller.pollIn(pollDownMs / 4) });
    const intervalMs = () => (this.exchange.up ? pollMs : pollDownMs);
    this.#poller = new Poller(() => this.#poll(), { ...deps, intervalMs });
  }

  /** Takes a shared breaker in: from now on, its gate asks here. */
  join(name: string, member: Member): void {
    this.#takeIn(name, member);
    if (this.#started) this.#poller.poll();
  }

  /** From now on, members of this family that other replicas open are taken in. */
  joinFamily(family: SharedFamily): void {
    this.#families.set(family.target.name, family);
  }

  /** Takes a member that is not closed in, and tells the fleet of it. It leaves when it is closed. */
  joinMember(name: string, member: Member, family: FamilyTarget): void {
    if (this.#breakers.get(name)?.member === member) return;
    const shared = this.#takeIn(name, member, family);
    if (!this.exchange.up || member.gate.shared !== undefined) return;
    const meeting = this.#meet(shared).finally(() => this.#meetings.delete(meeting));
    this.#meetings.add(meeting);
  }

  leave(name: string, member: Member): void {
    if (this.#breakers.get(name)?.member !== member) return;
    this.#breakers.delete(name);
    member.gate.link = undefined;
    const [family, key] = this.#familyOf(name);
    family?.release(key);
  }

  /** An order for a member of a family, which may be closed. */
  orderMember(name: string, member: Member, family: FamilyTarget): GiveOrder {
    return async (action, order) => {
      const shared = this.#breakers.get(name) ?? this.#takeIn(name, member, family);
      const result = await shared.order(action, order);
      if (member.gate.passing) this.leave(name, member);
      return result;
    };
  }

  /** Resolves when the store has answered once, or when it is plain that it does not. */
  async start(): Promise<void> {
    if (!this.#started) {
      this.#started = true;
      this.exchange.reason = 'connecting';
      this.#deps.store.start({
        onReady: () => this.#poller.poll(),
        onView: (service, breaker, view) => this.#heard(service, breaker, view),
      });
      this.#poller.poll();
    }
    await this.#atMost(this.#deps.timing.startWaitMs, this.#firstAnswer.promise);
    this.exchange.tellIfAway();
  }

  audit(count: number): Promise<readonly AuditEntry[]> {
    return this.exchange.timed(() => this.#deps.store.audit(count));
  }

  /** Tells what was counted and opened last, if that is quickly done. */
  async close(): Promise<void> {
    if (this.exchange.closed) return;
    this.#poller.stop();
    const told = Promise.all([this.exchange.flush(), ...this.#meetings]);
    if (this.exchange.up) await this.#atMost(this.#deps.timing.closeWaitMs, told);
    this.exchange.close();
    for (const { member } of this.#breakers.values()) member.gate.link = undefined;
    await this.#deps.store.close();
  }

  #takeIn(breaker: string, member: Member, family?: FamilyTarget): SharedBreaker {
    const target = { service: this.#deps.service, breaker, rules: member.gate.rules, family };
    const shared = new SharedBreaker(member, target, this.exchange, () => this.leave(breaker, member));
    this.#breakers.set(breaker, shared);
    member.gate.link = shared;
    return shared;
  }

  /** The family of a member's full name, like `host:example.org`, and its key. */
  #familyOf(breaker: string): readonly [SharedFamily | undefined, string] {
    const at = breaker.indexOf(':');
    return [this.#families.get(breaker.slice(0, at)), breaker.slice(at + 1)];
  }

  /** Takes in a member that another replica has opened. */
  #adoptMember(breaker: string): SharedBreaker | undefined {
    const [family, key] = this.#familyOf(breaker);
    const member = family?.adopt(key);
    return member && this.#takeIn(breaker, member, family?.target);
  }

  #heard(service: string, breaker: string, view: View): void {
    if (service !== this.#deps.service || this.exchange.closed) return;
    const isClosed = view.state === 'closed' && view.forced === undefined;
    const shared = this.#breakers.get(breaker) ?? (isClosed ? undefined : this.#adoptMember(breaker));
    shared?.adopt(view);
  }

  /** Asks what the fleet knows of a member, and tells what it does not know. */
  async #meet(shared: SharedBreaker): Promise<void> {
    try {
      const [view] = await this.exchange.timed(() => this.#deps.store.read([shared.target]));
      if (!this.exchange.closed) await this.#catchUp(shared, view);
    } catch (error) {
      this.exchange.lost(error);
    }
  }

  async #poll(): Promise<void> {
    const { store, service, replica } = this.#deps;
    const { exchange } = this;
    try {
      await this.#findMembers();
      const all = [...this.#breakers.values()];
      // A replica that only shares families is none by whose number the fleet decides.
      const counts = all.some(({ target }) => target.family === undefined);
      const [views, live] = await exchange.timed(() =>
        Promise.all([
          store.read(all.map(({ target }) => target)),
          counts ? store.announce(service, replica) : exchange.live,
        ]),
      );
      if (exchange.closed) return;
      exchange.live = live;
      this.#firstAnswer.resolve();
      exchange.found();
      await Promise.all(all.map((shared, i) => this.#catchUp(shared, views[i])));
    } catch (error) {
      exchange.lost(error);
    }
  }

  async #findMembers(): Promise<void> {
    const { store } = this.#deps;
    for (const { target } of this.#families.values()) {
      for (const breaker of await this.exchange.timed(() => store.members(target))) {
        if (!this.#breakers.has(breaker)) this.#adoptMember(breaker);
      }
    }
  }

  async #catchUp(shared: SharedBreaker, view: View | undefined): Promise<void> {
    const { member, target } = shared;
    const isMember = target.family !== undefined;
    // What the store has given up is forgotten when its time is over.
    if (isMember && view === undefined && member.gate.isOver) return this.leave(target.breaker, member);
    await shared.catchUp(view);
    if (isMember && member.gate.passing) this.leave(target.breaker, member);
  }

  async #atMost(timeoutMs: number, done: Promise<unknown>): Promise<void> {
    await withTimeLimit(() => done, { timeoutMs, clock: this.#deps.clock }).catch(() => undefined);
  }
}
