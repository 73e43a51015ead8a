import type { CircuitRules } from '../circuit/rules.ts';
import type { Change, Transition } from '../gate/change.ts';
import { Gate } from '../gate/gate.ts';
import type { GiveOrder } from '../gate/order.ts';
import { type CallTally, countTransition } from '../gate/tally.ts';
import type { BreakerOptions } from '../options/breaker-options.ts';
import type { Clock } from '../time/clock.ts';
import { Breaker } from './breaker.ts';

/** A breaker with what stands behind it. */
export interface Member {
  readonly breaker: Breaker;
  readonly gate: Gate;
  readonly tally: CallTally;
}

export interface MemberDeps {
  readonly clock: Clock;
  readonly replica: string;
  readonly onTransition: (transition: Transition) => void;
  readonly onListenerError: (breaker: string, error: unknown) => void;
  readonly tally: CallTally;
  readonly rules: CircuitRules;
  readonly order?: GiveOrder | undefined;
}

export const createMember = (
  name: string,
  { timeoutMs, classify }: Pick<BreakerOptions, 'timeoutMs' | 'classify'>,
  { clock, replica, tally, rules, order, ...deps }: MemberDeps,
): Member => {
  const onListenerError = (error: unknown) => deps.onListenerError(name, error);
  const onChange = (change: Change) => {
    countTransition(tally, change);
    deps.onTransition({ breaker: name, ...change });
  };
  const gate = new Gate({ name, rules, clock, replica, onChange });
  const breaker = new Breaker({ name, gate, clock, tally, onListenerError, order, timeoutMs, classify });
  return { breaker, gate, tally };
};
