import type { Settle } from '../circuit/command.ts';
import type { Clock } from '../time/clock.ts';

export type Debt = Pick<Settle, 'token' | 'outcome' | 'cause'>;

/** Probes' ends that the store has not heard of. Each is of interest for as long as its lease would have held. */
export interface Debts {
  owe(debt: Debt, withinMs: number): void;
  open(): readonly Debt[];
  paid(debt: Debt): void;
}

export const createDebts = (clock: Clock): Debts => {
  const debts = new Map<string, Debt & { readonly untilMs: number }>();
  return {
    owe: (debt, withinMs) => void debts.set(debt.token, { ...debt, untilMs: clock.nowMs() + withinMs }),
    open() {
      const nowMs = clock.nowMs();
      for (const [token, { untilMs }] of debts) if (untilMs < nowMs) debts.delete(token);
      return [...debts.values()].map(({ token, outcome, cause }) => ({ token, outcome, cause }));
    },
    paid: ({ token }) => void debts.delete(token),
  };
};
