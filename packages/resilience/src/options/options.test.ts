import { describe, expect, test } from 'vitest';
import { type BreakerOptions, createRedisStore, createRegistry, type PipelineOptions } from '../index.ts';

const define = (options: BreakerOptions) => () => createRegistry({ service: 's' }).define({ dep: options });

describe('options that make no sense are refused with name and value', () => {
  test.each<[string, BreakerOptions, RegExp]>([
    ['a negative time', { openMs: -1 }, /breaker 'dep': openMs is -1/],
    ['no number', { openMs: Number.NaN }, /openMs is NaN/],
    ['a threshold over 1', { window: { kind: 'sampling', failureRate: 1.5 } }, /window.failureRate is 1.5/],
    ['a threshold of nothing', { window: { kind: 'sampling', failureRate: 0 } }, /window.failureRate is 0/],
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
    ['a misspelt option', { openMS: 5 } as BreakerOptions, /breaker 'dep': openMS is 5/],
    [
      'a misspelt option of the window',
      { window: { kind: 'sampling', windowMS: 5 } as BreakerOptions['window'] & {} },
      /window.windowMS is 5/,
    ],
    ['a scope that is none', { scope: 'global' as 'shared' }, /scope is global/],
    ['a kind that is none', { window: { kind: 'weekly' as 'sampling' } }, /window.kind is weekly/],
  ])('%s', (_, options, message) => {
    expect(define(options)).toThrow(message);
  });

  const sampling = (rest: object) => ({ window: { kind: 'sampling', ...rest } }) as BreakerOptions;
  const everyNumber: readonly (readonly [string, (n: number) => BreakerOptions])[] = [
    ['openMs', (n) => ({ openMs: n })],
    ['maxOpenMs', (n) => ({ maxOpenMs: n })],
    ['openFactor', (n) => ({ openFactor: n })],
    ['timeoutMs', (n) => ({ timeoutMs: n })],
    ['probes.calls', (n) => ({ probes: { calls: n } })],
    ['probes.failuresAllowed', (n) => ({ probes: { calls: 5, failuresAllowed: n } })],
    ['probes.timeoutMs', (n) => ({ probes: { timeoutMs: n } })],
    ['quorum.replicas', (n) => ({ quorum: { replicas: n } })],
    ['quorum.failures', (n) => ({ quorum: { failures: n } })],
    ['window.windowMs', (n) => sampling({ windowMs: n })],
    ['window.failureRate', (n) => sampling({ failureRate: n })],
    ['window.minimumCalls', (n) => sampling({ minimumCalls: n })],
    ['window.slowAfterMs', (n) => sampling({ slowAfterMs: n, slowRate: 0.5 })],
    ['window.slowRate', (n) => sampling({ slowAfterMs: 5, slowRate: n })],
    ['window.failures', (n) => ({ window: { kind: 'consecutive', failures: n } })],
  ];

  test.each(everyNumber)('%s that is negative, endless or no number', (option, options) => {
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, '7' as unknown as number]) {
      expect(define(options(bad))).toThrow(`breaker 'dep': ${option} is ${bad}, `);
    }
  });

  test('a name that is taken, or that is none', () => {
    const registry = createRegistry({ service: 's' }).define({ dep: {} });
    expect(() => registry.define({ dep: {} })).toThrow(/'dep' is defined twice/);
    expect(() => registry.define({ 'Not A Name': {} })).toThrow(/'Not A Name'/);
    expect(() => registry.define({ fine: {}, other: { openMs: 0 } })).toThrow(/openMs is 0/);
    expect(registry.snapshot().map(({ name }) => name)).toEqual(['dep']);
  });
});

test('names that were not defined do not compile, and are told at run time', () => {
  const registry = createRegistry({ service: 's' }).define({ dep: {} });
  // @ts-expect-error: not a name of this registry
  expect(() => registry.get('other')).toThrow(/no breaker is named 'other'/);
  expect(registry.find('other')).toBeUndefined();
});

describe('what is around a breaker is checked when it is made', () => {
  const registry = createRegistry({ service: 's' }).define({ dep: {} });

  test.each<[string, PipelineOptions, RegExp]>([
    ['a time limit that is no number', { timeoutMs: Number.NaN }, /pipeline 'dep': timeoutMs is NaN/],
    ['a limit of no calls', { bulkhead: { limit: 0 } }, /bulkhead.limit is 0/],
    ['a queue of less than none', { bulkhead: { limit: 1, queue: -1 } }, /bulkhead.queue is -1/],
    ['half an attempt', { retry: { maxAttempts: 1.5 } }, /retry.maxAttempts is 1.5/],
    ['a delay of no time', { retry: { initialDelayMs: -5 } }, /retry.initialDelayMs is -5/],
    ['a budget of no share', { retryBudget: { ratio: Number.NaN } }, /retryBudget.ratio is NaN/],
    ['a misspelt one', { retries: 3 } as PipelineOptions, /retries is 3/],
  ])('a pipeline: %s', (_, options, message) => {
    expect(() => registry.pipeline('dep', options)).toThrow(message);
  });

  test('a family: how many, and for how long', () => {
    expect(() => registry.family('host', { max: Number.NaN, idleMs: 1 })).toThrow(
      /family 'host': max is NaN/,
    );
    expect(() => registry.family('host', { max: 1, idleMs: -1 })).toThrow(/idleMs is -1/);
    expect(() => registry.family('host', { max: 1, idleMs: 1, openMs: -1 })).toThrow(/openMs is -1/);
    registry.family('host', { max: 1, idleMs: 1 });
    expect(() => registry.define({ host: {} })).toThrow(/'host' is defined twice/);
  });

  test('a resource: thresholds that rise, a time between looks', () => {
    const sources = [] as const;
    expect(() => registry.resource('r', { sources, shedAt: 1.5 })).toThrow(/resource 'r': shedAt is 1.5/);
    expect(() => registry.resource('r', { sources, refuseAt: Number.NaN })).toThrow(/refuseAt is NaN/);
    expect(() => registry.resource('r', { sources, shedAt: 0.7 })).toThrow(/shedAt is 0.7, must be over/);
    expect(() => registry.resource('r', { sources, pollMs: 0 })).toThrow(/pollMs is 0/);
  });

  test('a registry: its names and its times', () => {
    expect(() => createRegistry({ service: 'My Service' })).toThrow(/'My Service'/);
    expect(() => createRegistry({ service: 's', replica: '{a}' })).toThrow(/replica is {a}/);
    expect(() => createRegistry({ service: 's', timing: { pollMs: Number.NaN } })).toThrow(
      /registry 's': timing.pollMs is NaN/,
    );
  });

  test('a store: its time limit, and options that are none', () => {
    expect(() => createRedisStore({ commandTimeoutMs: -1 })).toThrow(/the store: commandTimeoutMs is -1/);
    const misspelt = { URL: 'redis://redis' } as Parameters<typeof createRedisStore>[0];
    expect(() => createRedisStore(misspelt)).toThrow(/the store: URL is redis:/);
  });

  test('an isolation: how long it holds', async () => {
    for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const isolated = registry.get('dep').isolate({ reason: 'works', ttlMs });
      await expect(isolated).rejects.toThrow(`isolation of 'dep': ttlMs is ${ttlMs}`);
    }
    expect(registry.get('dep').state).toBe('closed');
  });
});
