import { z } from 'zod';
import { Degraded } from './degraded.ts';

export const CheckStatus = z.enum(['ok', 'starting', 'degraded', 'down', 'absent']).meta({
  id: 'CheckStatus',
  description: 'Result of a check; `starting` is not there yet, `absent` is not installed or not configured',
});
export type CheckStatus = z.infer<typeof CheckStatus>;

export const CheckResult = z
  .object({
    status: CheckStatus,
    detail: z
      .string()
      .or(z.record(z.string(), z.unknown()))
      .optional()
      .describe('More about it: a text, or parts of it'),
  })
  .meta({ id: 'CheckResult', description: 'Outcome of one check' });
export type CheckResult = z.infer<typeof CheckResult>;

/** Answer of `GET /livez`. */
export const Liveness = z
  .object({ status: z.literal('ok').describe('The process turns') })
  .meta({ id: 'Liveness' });
export type Liveness = z.infer<typeof Liveness>;

/** What would make a service better that lacks nothing. */
export const Advice = z
  .object({
    code: z.string().describe('Name of the advice'),
    text: z.string().describe('What would be better, and why'),
    command: z.string().describe('What to run for it'),
  })
  .meta({ id: 'Advice' });
export type Advice = z.infer<typeof Advice>;

/**
 * `starting`: a part is looked for, loaded or fetched, and nothing is wrong. `unavailable` comes with 503: this replica
 * can serve nothing.
 */
export const Readiness = z
  .object({
    status: z
      .enum(['ready', 'starting', 'degraded', 'unavailable'])
      .describe(
        '`starting`: a part is looked for, loaded or fetched, and nothing is wrong. `unavailable` comes with 503: this replica can serve nothing',
      ),
    checks: z.record(z.string(), CheckResult).describe('Outcome of each check, by its name'),
    degraded: Degraded,
    advice: z.array(Advice).describe('What would make a service better that lacks nothing'),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof Readiness>;
