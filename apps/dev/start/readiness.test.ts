import { expect, it } from 'vitest';
import { describeMissing } from './readiness.ts';

it('lists degraded components and those that are not configured, but no missing memory limit', () => {
  const checks = {
    redis: { status: 'down' },
    model: { status: 'starting', detail: '3 % of model.gguf (1.07 GB)' },
    'browser-sandbox': { status: 'starting' },
    embedder: { status: 'absent', detail: 'the model hub cannot be reached' },
    memory: { status: 'absent' },
    store: { status: 'ok' },
  } as const;
  expect(describeMissing({ status: 'degraded', checks, degraded: ['redis'], advice: [] })).toEqual([
    expect.stringContaining('Redis'),
    expect.stringMatching(/^a model: .* \(it is starting: 3 % of model.gguf \(1.07 GB\)\)$/),
    'an embedder: search is by words, not by meaning (the model hub cannot be reached)',
  ]);
});

it('lists memory when it is short', () => {
  const checks = { memory: { status: 'degraded' } } as const;
  expect(describeMissing({ status: 'degraded', checks, degraded: ['memory'], advice: [] })).toEqual([
    'enough memory: new work is delayed or refused',
  ]);
});
