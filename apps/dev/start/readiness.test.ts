import { expect, it } from 'vitest';
import { describeMissing } from './readiness.ts';

it('lists degraded components and those that are not configured, but no missing memory limit', () => {
  const checks = {
    redis: { status: 'down' },
    model: { status: 'starting' },
    'browser-sandbox': { status: 'starting' },
    memory: { status: 'absent' },
    store: { status: 'ok' },
  } as const;
  expect(describeMissing({ status: 'degraded', checks, degraded: ['redis'], advice: [] })).toEqual([
    expect.stringContaining('Redis'),
    expect.stringMatching(/^a model: .* \(it is starting\)$/),
  ]);
});

it('lists memory when it is short', () => {
  const checks = { memory: { status: 'degraded' } } as const;
  expect(describeMissing({ status: 'degraded', checks, degraded: ['memory'], advice: [] })).toEqual([
    'enough memory: new work is delayed or refused',
  ]);
});
