import { expect, it } from 'vitest';
import { describeMissing } from './missing.ts';

it('names what is degraded and what nobody configured, and no memory limit that there is not', () => {
  const checks = {
    redis: { status: 'down' },
    model: { status: 'absent' },
    memory: { status: 'absent' },
    store: { status: 'ok' },
  } as const;
  expect(describeMissing({ status: 'degraded', checks, degraded: ['redis'] })).toEqual([
    expect.stringContaining('Redis'),
    expect.stringContaining('a model'),
  ]);
});

it('names memory when it is short', () => {
  const checks = { memory: { status: 'degraded' } } as const;
  expect(describeMissing({ status: 'degraded', checks, degraded: ['memory'] })).toEqual([
    'enough memory: work is put off or refused',
  ]);
});
