import type { z } from 'zod';

/** Says what a field should have been, where its schema has no words of its own; undefined leaves it to zod. */
export function explainIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required';
      return `expected ${TYPES[issue.expected] ?? issue.expected}, not ${typeNameOf(issue.input)}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
      return issue.minimum === 1 && issue.origin !== 'number'
        ? `expected ${NOT_EMPTY[issue.origin] ?? 'something'}`
        : bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', Number(issue.minimum));
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', Number(issue.maximum));
    default:
      return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return TYPES[typeof value] ?? typeof value;
}

const NOT_EMPTY: Readonly<Record<string, string>> = {
  string: 'a text that is not empty',
  array: 'a list that is not empty',
};

function bound(origin: string, comparison: string, limit: number): string {
  const amount = limit.toLocaleString('en-US');
  if (origin === 'string') return `expected ${comparison} ${amount} characters`;
  if (origin === 'array') return `expected ${comparison} ${amount} entries`;
  return `expected a number of ${comparison} ${amount}`;
}
