import { z } from 'zod';

export const BreakerState = z.enum(['closed', 'open', 'half-open', 'isolated']).meta({
  id: 'BreakerState',
  description: 'State of a circuit breaker; `isolated` is held open by an operator',
});
export type BreakerState = z.infer<typeof BreakerState>;

/** One circuit breaker as the replica that was asked sees it; durations in ms. */
export const BreakerView = z
  .object({
    name: z.string().describe('Of the breaker, as in its routes'),
    state: BreakerState,
    generation: z.int().describe('Rises with each change; for If-Match'),
    scope: z.enum(['local', 'shared']).describe('Who decides now: the fleet, or this replica alone'),
    retry_after_ms: z.int().describe('Until it lets a probe through; 0 while it is closed'),
    failures: z.int().describe('Failed calls in the window'),
    calls: z.int().describe('All calls in the window'),
    opened_at: z.iso.datetime().nullable().describe('When it opened; null while it is closed'),
    opened_by: z.string().nullable().describe('The replica that opened it'),
    cause: z.string().nullable().describe('Why it opened'),
    view_age_ms: z.int().nullable().describe('How old this replica’s view of the fleet is'),
    forced: z
      .object({
        by: z.string().describe('Id of the key that gave the order'),
        reason: z.string().describe('Why, in the words of the order'),
        remaining_ms: z
          .int()
          .nullable()
          .describe('How long the order still holds; null for as long as it is not reset'),
      })
      .nullable()
      .describe('The order that holds it open'),
  })
  .meta({ id: 'BreakerView' });
export type BreakerView = z.infer<typeof BreakerView>;

/** Memory or space, as a breaker of the replica that was asked. */
export const ResourceView = z
  .object({
    name: z.string().describe('`memory` or `storage`'),
    level: z
      .enum(['ok', 'shed', 'refuse', 'unknown'])
      .describe(
        '`shed`: heavy work is made smaller; `refuse`: it is refused; `unknown`: it could not be read',
      ),
    readings: z
      .array(
        z.object({
          source: z.string().describe('What was measured'),
          level: z.enum(['ok', 'shed', 'refuse', 'unknown']).describe('Of this source alone'),
          used: z.number().nullable().describe('Share of the limit'),
          detail: z.string().describe('The figures'),
        }),
      )
      .describe('What the level comes from'),
  })
  .meta({ id: 'ResourceView' });
export type ResourceView = z.infer<typeof ResourceView>;

/** Answer of `GET /v1/breakers`. */
export const BreakerList = z
  .object({
    breakers: z.array(BreakerView).describe('All breakers of the service'),
    resources: z.array(ResourceView).describe('Memory and space'),
  })
  .meta({ id: 'BreakerList' });
export type BreakerList = z.infer<typeof BreakerList>;

/** `fleet`: every replica follows. `replica`: this one alone, as Redis is away or the breaker is its own. */
export const OrderedBreaker = BreakerView.extend({
  reached: z
    .enum(['fleet', 'replica'])
    .describe(
      '`fleet`: every replica follows. `replica`: this one alone, as Redis is away or the breaker is its own',
    ),
}).meta({
  id: 'OrderedBreaker',
});
export type OrderedBreaker = z.infer<typeof OrderedBreaker>;

/** Days of an isolation at most: what is to stay off for longer is a change of configuration. */
const MAX_TTL_S = 30 * 86_400;

/** Order to hold a breaker open, for `ttl_s` seconds or until it is reset. */
export const IsolateRequest = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).describe('Told to those whose calls are refused'),
    ttl_s: z
      .int()
      .min(1)
      .max(MAX_TTL_S)
      .optional()
      .describe(
        'Seconds until the order ends by itself, at most 30 days; without it, it holds until a reset',
      ),
  })
  .meta({ id: 'IsolateRequest' });
export type IsolateRequest = z.infer<typeof IsolateRequest>;

/** Order to close a breaker. */
export const ResetRequest = z
  .strictObject({ reason: z.string().trim().min(1).max(500).describe('Kept with the order') })
  .meta({ id: 'ResetRequest' });
export type ResetRequest = z.infer<typeof ResetRequest>;

/** What was ordered of breakers, by whom and why. */
export const BreakerOrder = z
  .object({
    at: z.iso.datetime().describe('When it was given'),
    breaker: z.string().describe('Name of the breaker'),
    action: z.string().describe('`isolate` or `reset`'),
    by: z.string().describe('Id of the key that gave it'),
    reason: z.string().describe('Why, in the words of the order'),
    ttl_s: z.number().nullable().describe('Seconds that it was to hold; null without a limit'),
    generation: z.int().describe('Of the breaker after it'),
    replica: z.string().describe('That took it'),
  })
  .meta({ id: 'BreakerOrder' });
export type BreakerOrder = z.infer<typeof BreakerOrder>;

/** The latest 100, newest first. */
export const BreakerOrderList = z
  .object({ orders: z.array(BreakerOrder).describe('The latest 100, newest first') })
  .meta({ id: 'BreakerOrderList' });
export type BreakerOrderList = z.infer<typeof BreakerOrderList>;
