import { z } from 'zod';
import { CODES, type Code } from './codes.ts';

const codes = Object.keys(CODES) as [Code, ...Code[]];

/** The body of every error answer on our own routes: `application/problem+json` (RFC 9457). */
export const Problem = z
  .object({
    type: z.string().describe('URN of the code'),
    title: z.string().describe('What the code means'),
    status: z.int().describe('Of the HTTP answer'),
    code: z.enum(codes).describe('To decide by'),
    detail: z.string().describe('What is wrong in this case'),
    request_id: z.string().describe('Also in the header `X-Request-Id` and in the log'),
    errors: z
      .array(
        z.object({
          path: z.string().describe('Of the field, with dots'),
          message: z.string().describe('What was expected of it'),
        }),
      )
      .optional()
      .describe('The fields of the request that are wrong'),
    error: z
      .object({ message: z.string().describe('As `detail`') })
      .optional()
      .describe('The detail once more, for clients of OpenAI that met an address without a route'),
  })
  .meta({ id: 'Problem', description: 'An error answer (RFC 9457)' });
export type Problem = z.infer<typeof Problem>;
