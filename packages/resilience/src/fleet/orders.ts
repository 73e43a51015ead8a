import { orderHere } from '../breaker/member.ts';
import type { Action, GivenOrder, GiveOrder } from '../breaker/order.ts';
import type { Reply } from '../circuit/command.ts';
import { ResilienceError } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import type { Exchange } from './exchange.ts';
import type { Joined } from './joined.ts';

/**
 * Gives orders to the whole fleet; to this replica alone while the store is away, and an isolation to the fleet later.
 */
export const orderFleet =
  (exchange: Exchange, joined: Joined, clock: Clock): GiveOrder =>
  async (action, order) => {
    const answer = await send(exchange, joined, action, order);
    if (answer?.refusal === 'moved') throw new ResilienceError('GENERATION_MOVED');
    joined.owed = undefined;
    if (answer?.accepted) return { reached: 'fleet', generation: joined.member.gate.generation };
    const result = await orderHere(joined.member.gate)(action, order);
    if (action === 'isolate') joined.owed = { ...order, sinceMs: clock.nowMs() };
    return result;
  };

/** An isolation ordered while the store was away reaches the fleet now, unless its time is over. */
export const passOnOrder = async (exchange: Exchange, joined: Joined, clock: Clock): Promise<void> => {
  if (joined.owed === undefined) return;
  const { by, reason, ttlMs, sinceMs } = joined.owed;
  const leftMs = ttlMs === undefined ? undefined : sinceMs + ttlMs - clock.nowMs();
  const over = leftMs !== undefined && leftMs <= 0;
  const order = { reason, by, ...(leftMs === undefined ? {} : { ttlMs: leftMs }) };
  if (over || (await send(exchange, joined, 'isolate', order))?.accepted) joined.owed = undefined;
};

const send = (
  exchange: Exchange,
  joined: Joined,
  action: Action,
  { ifGeneration, reason, by = 'process', ttlMs }: GivenOrder,
): Promise<Reply | undefined> =>
  exchange.sendSeeding(joined, (floor) => ({
    kind: 'force',
    replica: exchange.replica,
    floor,
    action,
    by,
    reason,
    ttlMs: ttlMs === undefined ? undefined : Math.max(1, Math.round(ttlMs)),
    ifGeneration,
  }));
