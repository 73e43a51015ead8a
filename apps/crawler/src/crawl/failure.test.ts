import { FetchError } from '@xnai/egress';
import { createRegistry } from '@xnai/resilience';
import { expect, test } from 'vitest';
import { createHosts } from '../hosts.ts';
import { decideOnError, type FailureRun } from './failure.ts';

const url = 'https://example.org/a';
const down = new FetchError('http-error', { url, status: 503, retryable: true });
const page = { url, host: 'example.org', depth: 1, order: 1, retries: 3 };

function createRun(): FailureRun & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    openings: new Map(),
    signal: new AbortController().signal,
    frontier: { pauseHost: (_host, atMs) => void pauses.push(atMs) },
    deps: {
      gate: { enter: async () => ({ place: '' }), leave: async () => {}, pause: async () => {} },
      hosts: createHosts(createRegistry({ service: 'test' })),
    },
  };
}

test('a page is tried again, counted, as long as its host answers others', () => {
  const run = createRun();
  expect(decideOnError(run, page, down)).toMatchObject({ kind: 'retry' });
  expect(run.pauses).toEqual([]);
});

test('a page that finds its host down waits for it, uncounted, and all pages of one pause count as one opening', async () => {
  const run = createRun();
  const breaker = run.deps.hosts.get(page.host);
  const fails = () => breaker.execute(() => Promise.reject(down)).catch(() => {});
  while (breaker.state === 'closed') await fails();
  const open = await breaker.execute(() => undefined).catch((error: Error) => error);
  for (const error of [down, open, down, open, down, open, down]) {
    expect(decideOnError(run, page, error)).toMatchObject({ kind: 'retry-uncounted' });
  }
  expect(run.openings.get(page.host)).toMatchObject({ count: 1 });
  expect(Math.min(...run.pauses)).toBeGreaterThan(Date.now());
});

test('a host that is down rests for as long as it asks', async () => {
  const run = createRun();
  const breaker = run.deps.hosts.get(page.host);
  while (breaker.state === 'closed') await breaker.execute(() => Promise.reject(down)).catch(() => {});
  const resting = new FetchError('http-error', { url, status: 503, retryable: true, retryAfterMs: 50_000 });
  const restedAtMs = Date.now() + 50_000;
  const decision = decideOnError(run, page, resting);
  expect(decision).toMatchObject({ kind: 'retry-uncounted' });
  expect('atMs' in decision && decision.atMs).toBeGreaterThanOrEqual(restedAtMs);
  expect(Math.min(...run.pauses)).toBeGreaterThanOrEqual(restedAtMs);
});

test('a host whose breaker opens again and again is given up', async () => {
  const run = createRun();
  const breaker = run.deps.hosts.get(page.host);
  while (breaker.state === 'closed') await breaker.execute(() => Promise.reject(down)).catch(() => {});
  run.openings.set(page.host, { count: 5, untilMs: 0 });
  expect(decideOnError(run, page, down)).toMatchObject({ kind: 'retry-uncounted' });
  run.openings.set(page.host, { count: 6, untilMs: 0 });
  expect(decideOnError(run, page, down)).toEqual({ kind: 'give-up' });
});
