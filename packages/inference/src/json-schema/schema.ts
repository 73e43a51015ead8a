import { ModelError } from '../model-error.ts';

export type Schema = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `path` as a JSON pointer into the schema. */
export function invalid(path: string, problem: string): ModelError {
  return new ModelError('INVALID_GRAMMAR', {
    detail: `the JSON schema${path === '' ? '' : ` at ${path}`} ${problem}`,
  });
}
