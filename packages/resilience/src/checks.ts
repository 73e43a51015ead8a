import { ResilienceError } from './errors.ts';

/** Checks of options. Each returns the value, or throws BAD_OPTIONS naming the thing, the option and the value. */
export interface Checks {
  refuse(option: string, value: unknown, why: string): never;
  between(option: string, value: number, min: number, max: number): number;
  /** Over 0, up to 1. */
  share(option: string, value: number): number;
  /** A whole number. */
  count(option: string, value: number, bounds: { readonly min?: number; readonly max: number }): number;
  /** A time, rounded to whole milliseconds; from 1 up to a day. */
  ms(option: string, value: number): number;
  /** Refuses other options than these: a misspelt one would silently do nothing. */
  known(path: string, options: object, names: readonly string[]): void;
}

/** @param what the owner of the options, as in "breaker 'search'". */
export const checksOf = (what: string): Checks => {
  const refuse = (option: string, value: unknown, why: string): never => {
    throw new ResilienceError('BAD_OPTIONS', { message: `${what}: ${option} is ${String(value)}, ${why}` });
  };
  const holds = (ok: boolean, option: string, value: number, why: string): number =>
    typeof value === 'number' && ok ? value : refuse(option, value, why);
  const between = (option: string, value: number, min: number, max: number) =>
    holds(value >= min && value <= max, option, value, `must be from ${min} up to ${max}`);
  return {
    refuse,
    between,
    share: (option, value) => holds(value > 0 && value <= 1, option, value, 'must be over 0 up to 1'),
    count: (option, value, { min = 1, max }) =>
      between(option, holds(Number.isInteger(value), option, value, 'must be a whole number'), min, max),
    ms: (option, value) => Math.round(between(option, value, 1, longestMs)),
    known(path, options, names) {
      for (const [name, value] of Object.entries(options)) {
        if (!names.includes(name)) refuse(`${path}${name}`, value, `but the options are ${names.join(', ')}`);
      }
    },
  };
};

export const longestMs = 86_400_000;

/** Names become Redis keys and metric labels. */
export const checkName = (name: string): string => {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) return name;
  throw new ResilienceError('BAD_OPTIONS', {
    message: `breaker name '${name}' must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit`,
  });
};
