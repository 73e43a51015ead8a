import { z } from 'zod';

/** State of a circuit breaker; `isolated` is held open by an operator. */
export const BreakerState = z.enum(['closed', 'open', 'half-open', 'isolated']).meta({ id: 'BreakerState' });
export type BreakerState = z.infer<typeof BreakerState>;

/** One circuit breaker as the replica that was asked sees it; durations in ms. */
export const BreakerView = z
  .object({
    name: z.string(),
    state: BreakerState,
    generation: z.int().describe('Rises with each change; for If-Match'),
    scope: z.enum(['local', 'shared']).describe('Who decides now: the fleet, or this replica alone'),
    retry_after_ms: z.int(),
    failures: z.int(),
    calls: z.int(),
    opened_at: z.iso.datetime().nullable(),
    opened_by: z.string().nullable(),
    cause: z.string().nullable(),
    view_age_ms: z.int().nullable().describe('How old this replica’s view of the fleet is'),
    forced: z
      .object({ by: z.string(), reason: z.string(), remaining_ms: z.int().nullable() })
      .nullable()
      .describe('The order that holds it open'),
  })
  .meta({ id: 'BreakerView' });
export type BreakerView = z.infer<typeof BreakerView>;

/** Memory or space, as a breaker of the replica that was asked. */
export const ResourceView = z
  .object({
    name: z.string(),
    level: z.enum(['ok', 'shed', 'refuse', 'unknown']),
    readings: z.array(
      z.object({
        source: z.string(),
        level: z.enum(['ok', 'shed', 'refuse', 'unknown']),
        used: z.number().nullable().describe('Share of the limit'),
        detail: z.string(),
      }),
    ),
  })
  .meta({ id: 'ResourceView' });
export type ResourceView = z.infer<typeof ResourceView>;

/** Answer of `GET /v1/breakers`. */
export const BreakerList = z
  .object({ breakers: z.array(BreakerView), resources: z.array(ResourceView) })
  .meta({ id: 'BreakerList' });
export type BreakerList = z.infer<typeof BreakerList>;

/** `fleet`: every replica follows. `replica`: this one alone, as Redis is away or the breaker is its own. */
export const OrderedBreaker = BreakerView.extend({ reached: z.enum(['fleet', 'replica']) }).meta({
  id: 'OrderedBreaker',
});
export type OrderedBreaker = z.infer<typeof OrderedBreaker>;

/** Days of an isolation at most: what is to stay off for longer is a change of configuration. */
const MAX_TTL_S = 30 * 86_400;

/** Order to hold a breaker open, for `ttl_s` seconds or until it is reset. */
export const IsolateRequest = z
  .strictObject({
    reason: z.string().trim().min(1).max(500),
    ttl_s: z.int().min(1).max(MAX_TTL_S).optional(),
  })
  .meta({ id: 'IsolateRequest' });
export type IsolateRequest = z.infer<typeof IsolateRequest>;

/** Order to close a breaker. */
export const ResetRequest = z
  .strictObject({ reason: z.string().trim().min(1).max(500) })
  .meta({ id: 'ResetRequest' });
export type ResetRequest = z.infer<typeof ResetRequest>;

/** What was ordered of breakers, by whom and why. */
export const BreakerOrder = z
  .object({
    at: z.iso.datetime(),
    breaker: z.string(),
    action: z.string(),
    by: z.string(),
    reason: z.string(),
    ttl_s: z.number().nullable(),
    generation: z.int(),
    replica: z.string(),
  })
  .meta({ id: 'BreakerOrder' });
export type BreakerOrder = z.infer<typeof BreakerOrder>;

/** The latest 100, newest first. */
export const BreakerOrderList = z.object({ orders: z.array(BreakerOrder) }).meta({ id: 'BreakerOrderList' });
export type BreakerOrderList = z.infer<typeof BreakerOrderList>;
