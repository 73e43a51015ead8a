import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { explainIssue } from './explain-issue.ts';
import { nearestName } from './nearest-name.ts';
import { type FieldError, ServiceError } from './service-error.ts';

/** Checks a part of a request against its zod schema. */
export const validateWithZod: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data) =>
    validateFields(schema, data, httpPart);

/**
 * Checks fields against their schema.
 *
 * @param part what the fields are of, for the message: `body`, `form`
 * @returns the fields as the schema makes them, or the error VALIDATION, which names every field that is wrong
 */
export function validateFields<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  part?: string,
): { readonly value: z.infer<Schema> } | { readonly error: ServiceError } {
  const parsed = schema.safeParse(data, { error: explainIssue });
  if (parsed.success) return { value: parsed.data };
  const errors = parsed.error.issues.flatMap((issue) => fieldErrors(schema, issue));
  nameMissing(errors);
  return { error: new ServiceError('VALIDATION', { detail: summary(errors, part), errors }) };
}

function fieldErrors(schema: z.ZodType, issue: z.core.$ZodIssue): readonly FieldError[] {
  const inner = innerIssues(issue);
  if (inner.length > 0) return inner.flatMap((one) => fieldErrors(schema, one));
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.'), message: issue.message }];
  const known = issue.path.length === 0 ? namesOf(schema) : [];
  return issue.keys.map((key) => ({
    path: [...issue.path, key].join('.'),
    message: unknownField(key, known),
  }));
}

/** What is wrong inside of the one alternative that a value is of, where the schema has no words for all of them. */
function innerIssues(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return [];
  const alternative = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0));
  return (alternative ?? []).map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

/** The one field that is missing is the one that is misnamed, however unlike the names are. */
function nameMissing(errors: FieldError[]): void {
  const missing = errors.filter(({ message }) => message === 'is required');
  const unknown = errors.filter(({ message }) => message.startsWith(UNKNOWN));
  const [only] = unknown;
  if (missing.length !== 1 || unknown.length !== 1 || only === undefined) return;
  errors[errors.indexOf(only)] = { ...only, message: `${UNKNOWN}; did you mean ${missing[0]?.path}?` };
}

const UNKNOWN = 'unknown field';

/** The fields of an object, also behind what makes something else of it. */
function namesOf(schema: z.core.$ZodType): readonly string[] {
  if (schema instanceof z.ZodPipe) return namesOf(schema.in);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unknownField(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  if (near !== undefined) return `${UNKNOWN}; did you mean ${near}?`;
  return known.length === 0 ? UNKNOWN : `${UNKNOWN}; there are ${known.join(', ')}`;
}

const MOST_SHOWN = 3;

function summary(errors: readonly FieldError[], part = 'request'): string {
  const shown = errors
    .slice(0, MOST_SHOWN)
    .map(({ path, message }) => `${path === '' ? `the ${part}` : path}: ${message}`);
  const rest = errors.length > MOST_SHOWN ? ` (and ${errors.length - MOST_SHOWN} more)` : '';
  return `${shown.join('; ')}${rest}`;
}
