import type { Reply } from '../circuit/command.ts';
import type { ProbeOutcome } from '../gate/link.ts';
import type { Debt } from './debts.ts';
import type { Exchange } from './exchange.ts';
import type { Joined } from './joined.ts';

/** Asks for a probe; undefined when the store could not say. */
export const leaseProbe = async (
  exchange: Exchange,
  joined: Joined,
  token: string,
): Promise<Reply | undefined> => {
  const { replica, up: asked } = exchange;
  const reply = await exchange.sendSeeding(joined, (floor) => ({ kind: 'lease', replica, floor, token }));
  // The store may have given it all the same: handed back when it can be reached.
  if (asked && reply === undefined) owe(joined, { token, outcome: 'ignored', cause: undefined });
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
  owe(joined, { token, outcome, cause });
  return false;
};

/** Tells what could not be told when it happened. */
export const payDebts = async (exchange: Exchange, joined: Joined): Promise<void> => {
  const { replica } = exchange;
  for (const debt of joined.debts.open()) {
    const reply = await exchange.send(joined, { kind: 'settle', replica, floor: 0, ...debt });
    if (reply !== undefined) joined.debts.paid(debt);
  }
};

const owe = (joined: Joined, debt: Debt): void => joined.debts.owe(debt, joined.target.rules.leaseMs);
