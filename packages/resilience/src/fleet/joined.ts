import type { Member } from '../breaker/member.ts';
import type { GivenOrder } from '../breaker/order.ts';
import type { Settle } from '../circuit/command.ts';
import type { Target } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { createOutbox, type Outbox } from './outbox.ts';

export type Debt = Pick<Settle, 'token' | 'outcome' | 'cause'>;

/** A breaker that the fleet shares, with what this replica has yet to tell of it. */
export interface Joined {
  readonly member: Member;
  readonly target: Target;
  readonly outbox: Outbox;
  /** Ends of probes that the store has not heard of, by token; each matters until its lease is over. */
  readonly debts: Map<string, Debt & { readonly untilMs: number }>;
  /** That replicas define it differently has been said. */
  warned: boolean;
  /** An isolation that the fleet has not heard of. */
  owed: (GivenOrder & { readonly sinceMs: number }) | undefined;
  /** Since when this replica goes its own way. */
  apartSinceMs: number | undefined;
}

export const createJoined = (member: Member, target: Target, clock: Clock): Joined => ({
  member,
  target,
  outbox: createOutbox(clock),
  debts: new Map(),
  warned: false,
  owed: undefined,
  apartSinceMs: undefined,
});

/** Breakers on which this replica has gone its own way for a while: fleets that stay split are to be seen. */
export const namesApart = (all: Iterable<Joined>, nowMs: number): string[] => {
  const names: string[] = [];
  for (const joined of all) {
    const { gate } = joined.member;
    const apart =
      gate.shared !== undefined && gate.shared.state === 'closed' && gate.circuit.state !== 'closed';
    joined.apartSinceMs = apart ? (joined.apartSinceMs ?? nowMs) : undefined;
    if (joined.apartSinceMs !== undefined && nowMs - joined.apartSinceMs > apartAfterMs) {
      names.push(joined.target.breaker);
    }
  }
  return names;
};

const apartAfterMs = 5_000;
