import { STATUS_CODES } from 'node:http';
import { Problem } from '@xnai/contracts';
import type { FastifyContextConfig, FastifySchema } from 'fastify';
import { z } from 'zod';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** An answer of status 200 that is a text, beside that of the schema or alone. */
    textAnswer?: { readonly type: string; readonly description: string };
    /** What errors of this route are, where other people's clients do not expect a problem. */
    errorForm?: z.ZodType;
  }
}

/** What a route can answer, in the form of OpenAPI: what its schema says, and errors. */
export function responsesOf(
  { response, produces: [type = 'application/json'] = [] }: FastifySchema,
  { textAnswer, errorForm }: FastifyContextConfig = {},
): Readonly<Record<string, object>> {
  const answers = new Map<string, Record<string, object>>();
  const add = (status: string, of: string, schema: z.ZodType) =>
    answers.set(status, { ...answers.get(status), [of]: { schema } });
  for (const [status, schema] of Object.entries((response ?? {}) as Record<string, z.ZodType>)) {
    if (status !== '204') add(status, type, schema);
  }
  if (textAnswer !== undefined) add('200', textAnswer.type, z.string().describe(textAnswer.description));
  const isEmpty = typeof response === 'object' && response !== null && '204' in response;
  return {
    ...Object.fromEntries(
      [...answers].map(([status, content]) => [status, { description: STATUS_CODES[status] ?? '', content }]),
    ),
    ...(isEmpty && { 204: { description: STATUS_CODES[204], type: 'null' } }),
    default:
      errorForm === undefined
        ? PROBLEM
        : { ...ERROR, content: { 'application/json': { schema: errorForm } } },
  };
}

const PROBLEM = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: Problem } },
};
const ERROR = { description: 'An error, as clients of this route know it' };
