import type { Rules } from '../circuit/rules.ts';
import { ResilienceError } from '../errors.ts';
import type { Transition } from '../gate/change.ts';
import { Gate } from '../gate/gate.ts';
import { type CallTally, countTransition } from '../gate/tally.ts';
import type { BreakerOptions } from '../options/options.ts';
import type { Clock } from '../time/clock.ts';
import { Breaker } from './breaker.ts';
import type { GiveOrder } from './order.ts';

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
  readonly rules: Rules;
  readonly order?: GiveOrder | undefined;
}

export const createMember = (
  name: string,
  { timeoutMs, classify }: BreakerOptions,
  deps: MemberDeps,
): Member => {
  const { clock, replica, tally, rules } = deps;
  const onListenerError = (error: unknown) => deps.onListenerError(name, error);
  const gate = new Gate({
    name,
    rules,
    clock,
    replica,
    onChange: (change) => {
      countTransition(tally, change);
      deps.onTransition({ breaker: name, ...change });
    },
  });
  const order = deps.order ?? orderHere(gate);
  return {
    breaker: new Breaker({ name, gate, clock, tally, onListenerError, order, timeoutMs, classify }),
    gate,
    tally,
  };
};

/** An order that reaches this replica alone. */
export const orderHere =
  (gate: Gate): GiveOrder =>
  async (action, { ifGeneration, reason, by = 'process', ttlMs }) => {
    const matches = ifGeneration === undefined || ifGeneration === gate.generation;
    if (!matches) throw new ResilienceError('GENERATION_MOVED');
    gate.force({ action, by, reason, ttlMs });
    return { reached: 'replica', generation: gate.generation };
  };
