import { z } from 'zod';
import { CODES, type Code } from './codes.ts';

const codes = Object.keys(CODES) as [Code, ...Code[]];

/** The body of every error answer on our own routes: `application/problem+json` (RFC 9457). */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    error: z
      .object({ message: z.string() })
      .optional()
      .describe('The detail once more, for clients of OpenAI that met an address without a route'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
