import { z } from 'zod';

export const BreakerState = z.enum(['closed', 'open', 'half-open', 'isolated']);
export type BreakerState = z.infer<typeof BreakerState>;

export const BreakerView = z.object({
  name: z.string(),
  state: BreakerState,
  generation: z.int(),
  scope: z.enum(['local', 'shared', 'forced']),
  retry_after_ms: z.int(),
  failures: z.int(),
  calls: z.int(),
  opened_at: z.iso.datetime().nullable(),
  opened_by: z.string().nullable(),
  view_age_ms: z.int().nullable(),
  forced: z.object({ reason: z.string(), by: z.string(), until: z.iso.datetime().nullable() }).nullable(),
});
export type BreakerView = z.infer<typeof BreakerView>;

export const BreakerList = z.object({ breakers: z.array(BreakerView) });
export type BreakerList = z.infer<typeof BreakerList>;

export const IsolateRequest = z.strictObject({
  reason: z.string().trim().min(1).max(500),
  ttl_s: z.int().min(1).max(86_400).optional(),
});
export type IsolateRequest = z.infer<typeof IsolateRequest>;

export const ResetRequest = z.strictObject({ reason: z.string().trim().min(1).max(500) });
export type ResetRequest = z.infer<typeof ResetRequest>;
