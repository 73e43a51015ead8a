import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { type FieldError, ServiceError } from './service-error.ts';

/** Checks a part of a request against its zod schema; every field that is wrong is named. */
export const validateWithZod: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const errors = parsed.error.issues.flatMap(fieldErrors);
    return { error: new ServiceError('VALIDATION', { detail: summary(errors, httpPart), errors }) };
  };

function fieldErrors(issue: z.core.$ZodIssue): readonly FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'unknown field' }));
  }
  return [{ path: issue.path.join('.'), message: issue.message }];
}

function summary(errors: readonly FieldError[], httpPart = 'request'): string {
  const [first] = errors;
  if (first === undefined) return `The ${httpPart} is not valid`;
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const where = first.path === '' ? `the ${httpPart}` : first.path;
  return `${where}: ${first.message}${rest}`;
}
