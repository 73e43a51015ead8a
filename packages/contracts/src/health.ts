import { z } from 'zod';
import { Degraded } from './degraded.ts';

/** Result of a check; `starting` is not there yet, `absent` is not installed or not configured. */
export const CheckStatus = z
  .enum(['ok', 'starting', 'degraded', 'down', 'absent'])
  .meta({ id: 'CheckStatus' });
export type CheckStatus = z.infer<typeof CheckStatus>;

/** Outcome of one check of `GET /readyz`. */
export const CheckResult = z
  .object({
    status: CheckStatus,
    detail: z.string().or(z.record(z.string(), z.unknown())).optional(),
  })
  .meta({ id: 'CheckResult' });
export type CheckResult = z.infer<typeof CheckResult>;

/** Answer of `GET /livez`. */
export const Liveness = z.object({ status: z.literal('ok') }).meta({ id: 'Liveness' });
export type Liveness = z.infer<typeof Liveness>;

/** What would make a service better that lacks nothing. */
export const Advice = z
  .object({ code: z.string(), text: z.string(), command: z.string() })
  .meta({ id: 'Advice' });
export type Advice = z.infer<typeof Advice>;

/**
 * `starting`: a part is looked for, loaded or fetched, and nothing is wrong. `unavailable` comes with 503: this replica
 * can serve nothing.
 */
export const Readiness = z
  .object({
    status: z.enum(['ready', 'starting', 'degraded', 'unavailable']),
    checks: z.record(z.string(), CheckResult),
    degraded: Degraded,
    advice: z.array(Advice),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof Readiness>;
