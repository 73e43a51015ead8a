import type { Command, Reply } from '../circuit/command.ts';
import type { CircuitRules } from '../circuit/rules.ts';
import type { View } from './view.ts';

/**
 * Where replicas meet. Everything but `start` and `close` rejects when the store cannot do it, and does so soon:
 * the callers wait for nothing else. `testing` exports the contract that an implementation must pass.
 */
export interface BreakerStore {
  /** Begins to connect, in the background. Does not throw. */
  start(events: StoreEvents): void;
  /** What is known of each breaker now; undefined for one that nothing is known of. */
  read(breakers: readonly StoredBreaker[]): Promise<readonly (View | undefined)[]>;
  /** One step of the reducer, as one. A command sent twice must have its effect once. */
  send(breaker: StoredBreaker, command: Command): Promise<Answer>;
  /** The breakers of a family that are not closed. */
  members(family: FamilyTarget): Promise<readonly string[]>;
  /** Says that this replica lives. @returns the number of replicas of the service alive now, this one included. */
  announce(service: string, replica: string): Promise<number>;
  /** The latest orders, newest first. */
  audit(count: number): Promise<readonly AuditEntry[]>;
  close(): Promise<void>;
}

export interface StoreEvents {
  /** A breaker changed, somewhere. May be lost; may come late. */
  onView(service: string, breaker: string, view: View): void;
  /** Connected, for the first time or again: views may have been missed. */
  onReady(): void;
}

export interface StoredBreaker {
  readonly service: string;
  readonly breaker: string;
  readonly rules: CircuitRules;
  /** For a member of a family: the store lists it while it is not closed. */
  readonly family?: FamilyTarget | undefined;
}

export interface FamilyTarget {
  readonly service: string;
  readonly name: string;
  /** The most members that the store holds open at a time. */
  readonly max: number;
}

export interface Answer {
  readonly reply: Reply;
  readonly view: View;
}

export interface AuditEntry {
  readonly id: string;
  readonly breaker: string;
  readonly action: string;
  readonly by: string;
  readonly reason: string;
  readonly ttlMs?: number | undefined;
  readonly generation: number;
  readonly replica: string;
}

/** How long a replica's announcement holds. */
export const presenceMs = 3_500;
