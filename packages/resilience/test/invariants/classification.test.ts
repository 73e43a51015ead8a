import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel';
import { describe, expect, test } from 'vitest';
import { createRegistry, DeadlineError } from '../../src/index.ts';

const breaker = () =>
  createRegistry({ service: 's' })
    .define({ dep: { window: { kind: 'sampling', failureRate: 1 } } })
    .get('dep');

const named = (name: string) => Object.assign(new Error(name), { name });
const status = (code: number) => Object.assign(new Error('http'), { status: code });
const statusCode = (code: number) => Object.assign(new Error('http'), { statusCode: code });

describe('invariant 24: what says nothing of the dependency is not counted', () => {
  test.each([
    ['an abort', named('AbortError')],
    ['a DOM abort', new DOMException('gone', 'AbortError')],
    ['a bad request', status(400)],
    ['not found', statusCode(404)],
    ['too many of the caller’s own requests', status(429)],
    ['a schema that does not fit', named('ZodError')],
    ['the caller’s deadline', new DeadlineError('DEADLINE_EXCEEDED', 5)],
    ['another open circuit', new BrokenCircuitError()],
    ['a full bulkhead', new BulkheadRejectedError(1, 0)],
  ])('%s', async (_, error) => {
    const one = breaker();
    await expect(one.execute(() => Promise.reject(error))).rejects.toBe(error);
    expect(one.counts).toEqual({ calls: 0, failures: 0, slow: 0 });
  });

  test('whatever comes after the caller has gone', async () => {
    const one = breaker();
    const caller = new AbortController();
    const call = one.execute(() => {
      caller.abort();
      throw new Error('socket closed');
    }, caller.signal);
    await expect(call).rejects.toThrow('socket closed');
    expect(one.counts.calls).toBe(0);
  });

  test('a call of a caller who has already gone is not made', async () => {
    const one = breaker();
    let made = false;
    const call = one.execute(
      () => {
        made = true;
      },
      AbortSignal.abort(new Error('gone')),
    );
    await expect(call).rejects.toThrow('gone');
    expect([made, one.counts.calls]).toEqual([false, 0]);
  });
});

describe('what does say something is counted', () => {
  test.each([
    ['an error', new Error('refused')],
    ['a server error', status(503)],
    ['a timeout', named('TimeoutError')],
    ['an attempt that took too long', new DeadlineError('ATTEMPT_TIMEOUT', 5)],
    ['a thing thrown that is no error', 'text'],
  ])('%s', async (_, error) => {
    const one = breaker();
    await one.execute(() => Promise.reject(error)).catch(() => {});
    expect(one.counts).toEqual({ calls: 1, failures: 1, slow: 0 });
  });

  test('a value that the caller calls a failure', async () => {
    const one = breaker();
    const answered = await one.execute(() => ({ statusCode: 502 }), {
      classify: (outcome) => ('value' in outcome ? 'failure' : undefined),
    });
    expect(answered.statusCode).toBe(502);
    expect(one.counts.failures).toBe(1);
  });

  test('and a rule that throws leaves it to the default', async () => {
    const one = breaker();
    const classify = () => {
      throw new Error('the rule itself');
    };
    expect(await one.execute(() => 'served', { classify })).toBe('served');
    expect(one.counts).toEqual({ calls: 1, failures: 0, slow: 0 });
  });
});
