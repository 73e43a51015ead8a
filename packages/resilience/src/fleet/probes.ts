import type { Reply } from '../circuit/command.ts';
import type { ProbeOutcome } from '../gate/link.ts';
import type { Exchange } from './exchange.ts';
import type { Debt, Joined } from './joined.ts';

/** Asks for a probe; undefined when the store does not answer. */
export const leaseProbe = async (
  exchange: Exchange,
  joined: Joined,
  token: string,
): Promise<Reply | undefined> => {
  const { replica, up: asked } = exchange;
  const reply = await exchange.sendSeeding(joined, (floor) => ({ kind: 'lease', replica, floor, token }));
  // The store may have given it all the same: handed back when it can be reached.
  if (asked && reply === undefined) owe(exchange, joined, { token, outcome: 'ignored', cause: undefined });
  return reply;
};

/** Says how a probe ended. @returns false when the store has not heard of it: it will be told later. */
export const settleProbe = async (
  exchange: Exchange,
  joined: Joined,
  { token, outcome, cause }: Debt & { readonly outcome: ProbeOutcome },
): Promise<boolean> => {
  const settled = { kind: 'settle', replica: exchange.replica, floor: 0, token, outcome, cause } as const;
  if ((await exchange.send(joined, settled)) !== undefined) return true;
  owe(exchange, joined, { token, outcome, cause });
  return false;
};

/** Tells what could not be told when it happened. */
export const payDebts = async (exchange: Exchange, joined: Joined): Promise<void> => {
  const { replica, clock } = exchange;
  for (const { untilMs, ...debt } of [...joined.debts.values()]) {
    const isOver = untilMs < clock.nowMs();
    const settled = { kind: 'settle', replica, floor: 0, ...debt } as const;
    if (isOver || (await exchange.send(joined, settled)) !== undefined) joined.debts.delete(debt.token);
  }
};

const owe = ({ clock }: Exchange, { debts, target }: Joined, debt: Debt): void => {
  debts.set(debt.token, { ...debt, untilMs: clock.nowMs() + target.rules.leaseMs });
};
