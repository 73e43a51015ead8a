import { parseRedisUrl } from '@xnai/resilience';
import { z } from 'zod';

const secretMark = z.registry<{ secret: true }>();

/** Schemas for environment variables: strings in, typed values out. */
export const env = {
  text: () => z.string('expected a value'),
  secret: () => {
    const schema = z.string('expected a value');
    secretMark.add(schema, { secret: true });
    return schema;
  },
  url: () => secretUrl(checkHttpUrl),
  /** In one of the forms that `parseRedisUrl` of `@xnai/resilience` reads. */
  redisUrl: () => secretUrl(parseRedisUrl),
  port: () => number(/^\d+$/, 'expected a port from 0 to 65535', (n) => n <= 65_535),
  int: (min: number, max: number) =>
    number(/^-?\d+$/, `expected a whole number from ${min} to ${max}`, (n) => n >= min && n <= max),
  flag: () =>
    z.stringbool({
      truthy: ['1', 'true', 'yes', 'on'],
      falsy: ['0', 'false', 'no', 'off'],
      error: 'expected true or false (or 1, 0, yes, no, on, off)',
    }),
  /** `10 MiB`, `64k`, `1048576`: bytes, by powers of 1024. */
  bytes: () => withUnits(BYTES, BYTE_UNITS, 'expected a size such as 10MiB, 512k or 1048576'),
  /** `250ms`, `15s`, `5m`, `2h`, `1d`: milliseconds. */
  durationMs: () => withUnits(DURATION, TIME_UNITS, 'expected a duration such as 250ms, 15s, 5m, 2h or 1d'),
  /** Comma-separated, trimmed, empty items dropped. */
  list: () => z.string('expected a value').transform(splitList),
  oneOf: <const T extends readonly [string, ...string[]]>(...values: T) =>
    z.enum(values, `expected one of ${values.join(', ')}`),
};

/** Whether a schema was made by `env.secret()`, or one for URLs, which may hold a password. */
export function isSecret(schema: z.ZodType): boolean {
  // `get`, not `has`: it also finds the mark on the schema that this one was refined from.
  if (secretMark.get(schema)?.secret) return true;
  const def = schema._zod.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = def.innerType ?? def.in;
  return inner !== undefined && isSecret(inner);
}

/** @param check throws an error that describes the fault of a URL and does not show the URL */
function secretUrl(check: (text: string) => unknown) {
  const schema = z.string('expected a URL').check((context) => {
    try {
      check(context.value);
    } catch (error) {
      context.issues.push({ code: 'custom', input: context.value, message: (error as Error).message });
    }
  });
  secretMark.add(schema, { secret: true });
  return schema;
}

function checkHttpUrl(text: string): void {
  const protocol = URL.parse(text)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Error('expected a URL that starts with http: or https:');
  }
}

function number(form: RegExp, message: string, isInRange: (n: number) => boolean) {
  return z
    .string(message)
    .refine((text) => form.test(text) && isInRange(Number(text)), message)
    .transform(Number);
}

const BYTES = /^(\d+(?:\.\d+)?)\s*(?:b|([kmg])(?:i?b)?)?$/i;
const BYTE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|[smhd])$/i;
const TIME_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function withUnits(form: RegExp, units: Readonly<Record<string, number>>, message: string) {
  return z.string(message).transform((text, context) => {
    const [, digits, unit = ''] = form.exec(text.trim()) ?? [];
    const factor = units[unit.toLowerCase()];
    if (digits !== undefined && factor !== undefined) return Math.round(Number(digits) * factor);
    context.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  });
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
