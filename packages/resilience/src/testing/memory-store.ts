import type { Circuit } from '../circuit/circuit.ts';
import { clamp } from '../circuit/clamp.ts';
import type { Command } from '../circuit/command.ts';
import {
  type Answer,
  type AuditEntry,
  type BreakerStore,
  type FamilyTarget,
  presenceMs,
  type StoredBreaker,
  type StoreEvents,
} from '../store/store.ts';
import { type View, viewOf } from '../store/view.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { newStoredCircuit, reduce, type StoredCircuit } from './reduce.ts';

/** What the stores of a fleet have in common: the place of Redis, in memory, with the reducer for its scripts. */
export class MemoryBackend {
  /** Added to the store's clock from now on. */
  skewMs = 0;
  readonly #clock: Clock;
  readonly #records = new Map<string, StoredCircuit>();
  /** When each replica was last heard of. */
  readonly #presence = new Map<string, number>();
  /** By service and family: full names of the members that are not closed, the one opened first at the front. */
  readonly #open = new Map<string, Set<string>>();
  readonly #orders: AuditEntry[] = [];
  readonly #stores = new Set<MemoryStore>();

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  /** One replica's way to the store. */
  connect(): MemoryStore {
    const store = new MemoryStore(this);
    this.#stores.add(store);
    return store;
  }

  /** As a store restarted without its data. */
  empty(): void {
    this.#records.clear();
    this.#open.clear();
    this.#presence.clear();
  }

  circuit(service: string, breaker: string): StoredCircuit | undefined {
    return this.#records.get(`${service}:${breaker}`);
  }

  /** Writes what no command would write. */
  put(service: string, breaker: string, circuit: StoredCircuit): void {
    this.#records.set(`${service}:${breaker}`, circuit);
  }

  view(target: StoredBreaker): View | undefined {
    const kept = this.#records.get(keyOf(target));
    return kept && viewOf(clamp(kept, target.rules, this.#nowMs()), this.#nowMs());
  }

  apply(target: StoredBreaker, command: Command): Answer {
    const nowMs = this.#nowMs();
    const before = this.#records.get(keyOf(target)) ?? newStoredCircuit;
    const opens = command.kind === 'trip' || (command.kind === 'seed' && !isClosed(command));
    if (opens && !this.#hasRoom(target, nowMs)) {
      return { reply: { accepted: false, refusal: 'full' }, view: viewOf(before, nowMs) };
    }
    const { circuit, reply } = reduce(before, command, target.rules, nowMs);
    if (target.family !== undefined) this.#list(target.family, keyOf(target), !isClosed(circuit));
    const view = viewOf(circuit, nowMs);
    if (reply.refusal !== 'lost') this.#records.set(keyOf(target), circuit);
    if (reply.accepted && command.kind === 'force')
      this.#orders.unshift(this.#entry(target, command, circuit));
    if (circuit.generation !== before.generation) for (const store of this.#stores) store.hear(target, view);
    return { reply, view };
  }

  members(family: FamilyTarget): string[] {
    return [...this.#membersOf(family)].map((key) => key.slice(family.service.length + 1));
  }

  announce(service: string, replica: string): number {
    const nowMs = this.#nowMs();
    this.#presence.set(`${service} ${replica}`, nowMs);
    const alive = [...this.#presence].filter(
      ([key, atMs]) => key.startsWith(`${service} `) && atMs > nowMs - presenceMs && atMs <= nowMs + 1_000,
    );
    return alive.length;
  }

  orders(count: number): readonly AuditEntry[] {
    return this.#orders.slice(0, count);
  }

  leave(store: MemoryStore): void {
    this.#stores.delete(store);
  }

  #membersOf({ service, name }: FamilyTarget): Set<string> {
    const key = `${service}:${name}`;
    const names = this.#open.get(key) ?? new Set();
    this.#open.set(key, names);
    return names;
  }

  #list(family: FamilyTarget, key: string, isOpen: boolean): void {
    const names = this.#membersOf(family);
    if (!isOpen) names.delete(key);
    else names.add(key);
  }

  #hasRoom(target: StoredBreaker, nowMs: number): boolean {
    const { family } = target;
    if (family === undefined) return true;
    const names = this.#membersOf(family);
    if (names.has(keyOf(target)) || names.size < family.max) return true;
    const over = [...names].find((key) => {
      const circuit = this.#records.get(key);
      return circuit === undefined || (circuit.forced === undefined && circuit.untilMs <= nowMs);
    });
    if (over === undefined) return false;
    names.delete(over);
    this.#records.delete(over);
    return true;
  }

  #nowMs(): number {
    return Math.floor(this.#clock.nowMs() + epochMs + this.skewMs);
  }

  #entry(
    target: StoredBreaker,
    command: Extract<Command, { kind: 'force' }>,
    { generation, changedAtMs }: Circuit,
  ): AuditEntry {
    const { action, by, reason, ttlMs, replica } = command;
    return {
      id: `${changedAtMs}-${this.#orders.length}`,
      breaker: keyOf(target),
      action,
      by,
      reason,
      ttlMs,
      generation,
      replica,
    };
  }
}

/** One replica's connection, with faults on demand. */
export class MemoryStore implements BreakerStore {
  /** Commands take effect, but their answers are lost. */
  dropReplies = false;
  /** Messages to this replica are lost. */
  deaf = false;
  /** Commands sent so far. */
  sent = 0;
  #down = false;
  #events: StoreEvents | undefined;
  readonly #backend: MemoryBackend;

  constructor(backend: MemoryBackend) {
    this.#backend = backend;
  }

  /** Cut off: everything rejects, and no message arrives. */
  get down(): boolean {
    return this.#down;
  }

  set down(down: boolean) {
    const back = this.#down && !down;
    this.#down = down;
    if (back) queueMicrotask(() => this.#events?.onReady());
  }

  start(events: StoreEvents): void {
    this.#events = events;
    if (!this.#down) queueMicrotask(events.onReady);
  }

  hear({ service, breaker }: StoredBreaker, view: View): void {
    if (!this.#down && !this.deaf) queueMicrotask(() => this.#events?.onView(service, breaker, view));
  }

  read(targets: readonly StoredBreaker[]): Promise<readonly (View | undefined)[]> {
    return this.#answer(() => targets.map((target) => this.#backend.view(target)));
  }

  send(target: StoredBreaker, command: Command): Promise<Answer> {
    return this.#answer(() => this.#backend.apply(target, command));
  }

  members(family: FamilyTarget): Promise<readonly string[]> {
    return this.#answer(() => this.#backend.members(family));
  }

  announce(service: string, replica: string): Promise<number> {
    return this.#answer(() => this.#backend.announce(service, replica));
  }

  audit(count: number): Promise<readonly AuditEntry[]> {
    return this.#answer(() => this.#backend.orders(count));
  }

  async close(): Promise<void> {
    this.#events = undefined;
    this.#backend.leave(this);
  }

  async #answer<T>(run: () => T): Promise<T> {
    this.sent++;
    if (this.#down) throw new Error('the store is down');
    const result = run();
    if (this.dropReplies) throw new Error('the answer was lost');
    return result;
  }
}

const isClosed = ({ state, forced }: Pick<Circuit, 'state'> & { readonly forced?: unknown }) =>
  state === 'closed' && forced === undefined;

const keyOf = ({ service, breaker }: StoredBreaker) => `${service}:${breaker}`;

/** The store's clock is no replica's clock: nothing may work only because they agree. */
const epochMs = 1_700_000_000_000;
