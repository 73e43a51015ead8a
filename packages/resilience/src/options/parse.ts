import { z } from 'zod';
import { ResilienceError } from '../errors.ts';

/**
 * Checks and completes options.
 * @param what the owner of the options, as in "breaker 'search'"
 * @throws {ResilienceError} BAD_OPTIONS when an option makes no sense; the message names the owner, the option and the value
 */
export const parseOptions = <S extends z.ZodType>(schema: S, what: string, options: unknown): z.output<S> => {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : issue.path;
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], options);
  const option = path.length === 0 ? '' : `${path.join('.')} `;
  throw new ResilienceError('BAD_OPTIONS', {
    message: `${what}: ${option}is ${String(value)}, ${issue.message}`,
  });
};

export const longestMs = 86_400_000;

/** A time from 1 up to a day, rounded to whole milliseconds. */
export const timeMs = z.number().min(1).max(longestMs).transform(Math.round);

/** A whole number from 1. */
export const count = (max: number) => z.int().min(1).max(max);

/** Over 0, up to 1. */
export const share = z.number().gt(0).max(1);

/** Names become Redis keys and metric labels. */
export const breakerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit');
