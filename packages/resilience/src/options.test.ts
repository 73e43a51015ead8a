import { describe, expect, test } from 'vitest';
import { type BreakerOptions, createRegistry } from './index.ts';

const define = (options: BreakerOptions) => () => createRegistry({ service: 's' }).define({ dep: options });

describe('options that make no sense are refused with name and value', () => {
  test.each<[string, BreakerOptions, RegExp]>([
    ['a negative time', { openMs: -1 }, /breaker 'dep': openMs is -1/],
    ['no number', { openMs: Number.NaN }, /openMs is NaN/],
    ['a threshold over 1', { window: { kind: 'sampling', failureRate: 1.5 } }, /window.failureRate is 1.5/],
    ['a threshold of nothing', { window: { kind: 'count', failureRate: 0 } }, /window.failureRate is 0/],
    ['half a call', { window: { kind: 'consecutive', failures: 2.5 } }, /window.failures is 2.5/],
    ['a cap below what it caps', { openMs: 100, maxOpenMs: 50 }, /maxOpenMs is 50/],
    [
      'all probes allowed to fail',
      { probes: { calls: 2, failuresAllowed: 2 } },
      /probes.failuresAllowed is 2/,
    ],
    [
      'a slow rate without a limit',
      { window: { kind: 'sampling', slowRate: 0.5 } },
      /window.slowRate is 0.5/,
    ],
    [
      'more calls than the window holds',
      { window: { kind: 'count', size: 5, minimumCalls: 6 } },
      /minimumCalls is 6/,
    ],
    ['a kind that is none', { window: { kind: 'weekly' as 'count' } }, /window.kind is weekly/],
  ])('%s', (_, options, message) => {
    expect(define(options)).toThrow(message);
  });

  test('a name that is taken, or that is none', () => {
    const registry = createRegistry({ service: 's' }).define({ dep: {} });
    expect(() => registry.define({ dep: {} })).toThrow(/'dep' is defined twice/);
    expect(() => registry.define({ 'Not A Name': {} })).toThrow(/'Not A Name'/);
    expect(() => registry.define({ fine: {}, other: { openMs: 0 } })).toThrow(/openMs is 0/);
    expect(registry.names()).toEqual(['dep']);
  });
});

test('names that were not defined do not compile, and are told at run time', () => {
  const registry = createRegistry({ service: 's' }).define({ dep: {} });
  // @ts-expect-error: not a name of this registry
  expect(() => registry.get('other')).toThrow(/no breaker is named 'other'/);
  expect(registry.find('other')).toBeUndefined();
});
