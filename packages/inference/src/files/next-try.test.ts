import { describe, expect, it } from 'vitest';
import { ModelFetchError } from './fetch-error.ts';
import { describeNextTry, nextTryMs } from './next-try.ts';

const HOUR_MS = 3_600_000;

describe('the next try', () => {
  it('comes later and later, and at last every six hours', () => {
    const error = new ModelFetchError('UNREACHABLE');
    expect([0, 1, 5, 10, 2000].map((failures) => nextTryMs(error, failures))).toEqual([
      30_000,
      60_000,
      960_000,
      6 * HOUR_MS,
      6 * HOUR_MS,
    ]);
  });

  it('comes when the hub asks for it, within reason', () => {
    const asked = (retryAfterMs: number) =>
      nextTryMs(new ModelFetchError('RATE_LIMITED', { retryAfterMs }), 0);
    expect([asked(1_000), asked(90_000), asked(1000 * HOUR_MS)]).toEqual([30_000, 90_000, 6 * HOUR_MS]);
  });

  it('never comes where only a person can help', () => {
    expect(describeNextTry(nextTryMs(new ModelFetchError('NO_ACCESS'), 0))).toBe('a person must act');
    expect(describeNextTry(nextTryMs(new Error('surprise'), 2))).toBe('next try in 2 min');
  });
});
