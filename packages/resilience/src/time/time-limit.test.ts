import { expect, test } from 'vitest';
import { deadlineFromHeader, deadlineIn, startTimeLimit, withTimeLimit } from '../index.ts';
import { createFakeClock } from '../testing/index.ts';
import { earliest } from './deadline.ts';

const hang = () => new Promise<never>(() => {});

test('work within its limit gives its result, and its timer is cleared', async () => {
  const clock = createFakeClock();
  let signal: AbortSignal | undefined;
  const result = await withTimeLimit(
    (context) => {
      signal = context.signal;
      return 'done';
    },
    { timeoutMs: 100, clock },
  );
  await clock.advance(1_000);
  expect([result, signal?.aborted]).toEqual(['done', false]);
});

test.each([
  ['ATTEMPT_TIMEOUT', { timeoutMs: 100, remainingMs: 200 }],
  ['DEADLINE_EXCEEDED', { timeoutMs: 200, remainingMs: 100 }],
])('work that is late is aborted and rejects with %s, also when it does not listen', async (code, limits) => {
  const clock = createFakeClock();
  let signal: AbortSignal | undefined;
  const call = withTimeLimit(
    (context) => {
      signal = context.signal;
      return hang();
    },
    { timeoutMs: limits.timeoutMs, deadline: deadlineIn(limits.remainingMs, clock), clock },
  );
  const failed = expect(call).rejects.toMatchObject({ code });
  await clock.advance(99);
  expect(signal?.aborted).toBe(false);
  await clock.advance(1);
  await failed;
  expect(signal?.reason).toMatchObject({ code });
});

test('a deadline that has passed does not let the work begin', async () => {
  const clock = createFakeClock();
  let isCalled = false;
  const begin = () => {
    isCalled = true;
  };
  const late = withTimeLimit(begin, { deadline: deadlineIn(0, clock), clock });
  await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(isCalled).toBe(false);
  await withTimeLimit(begin, { deadline: deadlineIn(1, clock), clock });
  expect(isCalled).toBe(true);
});

test.each([Number.POSITIVE_INFINITY, 2 ** 31, 1e15])('%d ms is no limit', async (timeoutMs) => {
  using byTime = startTimeLimit({ timeoutMs });
  using byDeadline = startTimeLimit({ deadline: deadlineIn(timeoutMs) });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect([byTime.signal.aborted, byDeadline.signal.aborted]).toEqual([false, false]);
});

test('the caller’s abort ends the limit with the caller’s reason, and a limit disposed of leaves the caller’s signal', () => {
  const caller = new AbortController();
  const held = startTimeLimit({ timeoutMs: 1_000, signal: caller.signal });
  const disposed = startTimeLimit({ timeoutMs: 1_000, signal: caller.signal });
  disposed[Symbol.dispose]();
  caller.abort(new Error('gone'));
  expect(held.signal.reason).toEqual(new Error('gone'));
  expect(disposed.signal.aborted).toBe(false);
  expect(startTimeLimit({ timeoutMs: 1_000, signal: caller.signal }).signal.reason).toEqual(
    new Error('gone'),
  );
});

test('a caller who aborts while the work begins leaves no unhandled rejection', async () => {
  const caller = new AbortController();
  const call = withTimeLimit(
    () => {
      caller.abort(new Error('gone'));
      throw new Error('socket closed');
    },
    { timeoutMs: 1_000, signal: caller.signal },
  );
  await expect(call).rejects.toThrow('gone');
});

test('the earliest deadline is the one that passes first; none of none is none', () => {
  const [near, far] = [deadlineIn(10), deadlineIn(20)];
  expect([earliest(far, near), earliest(near, undefined), earliest(undefined, far)]).toEqual([
    near,
    near,
    far,
  ]);
  expect(earliest()).toBeUndefined();
  expect(earliest(undefined, undefined)).toBeUndefined();
});

test('a deadline comes from a client as the time that remains', () => {
  const clock = createFakeClock();
  const deadline = deadlineFromHeader('30000', { maxMs: 60_000, clock });
  if (deadline === undefined || deadline === 'invalid') throw new Error('not read');
  expect(deadline.remainingMs()).toBe(30_000);
  expect(deadlineFromHeader(undefined, { maxMs: 1 })).toBeUndefined();
  for (const bad of ['0', '-1', '1.5', 'soon', '', '60001', ['1', '2']]) {
    expect(deadlineFromHeader(bad, { maxMs: 60_000 })).toBe('invalid');
  }
});
