import { ResilienceError } from '../errors.ts';

/** Names become Redis keys and metric labels. */
export const checkName = (name: string): string => {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) return name;
  throw new ResilienceError('BAD_OPTIONS', {
    message: `breaker name '${name}' must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit`,
  });
};
