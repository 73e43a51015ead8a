import { retry as cockatielRetry, handleAll, TimeoutStrategy, timeout, wrap } from 'cockatiel';
import { describe, expect, test } from 'vitest';
import { type BreakerOptions, createRegistry, deadlineIn, type PipelineOptions } from '../index.ts';
import { createFakeClock } from '../testing/index.ts';

const pipelineOf = (options: PipelineOptions, breaker: BreakerOptions = {}) => {
  const clock = createFakeClock();
  const registry = createRegistry({ service: 's', clock }).define({ dep: breaker });
  return { clock, registry, breaker: registry.get('dep'), pipeline: registry.pipeline('dep', options) };
};
const down = () => Promise.reject(new Error('down'));
const hang = () => new Promise<never>(() => {});

describe('retry', () => {
  test('each attempt is seen by the breaker, and an open circuit ends the retries', async () => {
    const { clock, pipeline, breaker } = pipelineOf(
      { retry: { maxAttempts: 10 } },
      { window: { kind: 'consecutive', failures: 3 } },
    );
    let attempts = 0;
    const call = pipeline.execute(() => {
      attempts++;
      return down();
    });
    const failed = expect(call).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    await clock.advance(60_000);
    await failed;
    expect([attempts, breaker.state]).toEqual([3, 'open']);
  });

  test('the sleep between attempts ends with the caller', async () => {
    const { clock, pipeline } = pipelineOf({ retry: { initialDelayMs: 60_000, maxDelayMs: 60_000 } });
    const caller = new AbortController();
    const call = expect(pipeline.execute(down, { signal: caller.signal })).rejects.toThrow('gone');
    await clock.settle();
    caller.abort(new Error('gone'));
    await call;
    expect(clock.nowMs()).toBe(0);
  });

  test('retries stop when their budget is used up', async () => {
    const { clock, pipeline } = pipelineOf(
      {
        retry: { maxAttempts: 2, initialDelayMs: 1 },
        retryBudget: { ratio: 0, minPerSecond: 1, windowMs: 5_000 },
      },
      { window: { kind: 'consecutive', failures: 1_000 } },
    );
    let attempts = 0;
    const calls = Array.from({ length: 50 }, () =>
      pipeline
        .execute(() => {
          attempts++;
          return down();
        })
        .catch(() => {}),
    );
    await clock.advance(1_000);
    await Promise.all(calls);
    expect(attempts).toBe(55);
    expect(pipeline.budget.remaining).toBe(0);
  });

  test('what cannot be better next time is not tried again', async () => {
    const { pipeline } = pipelineOf({ retry: {} });
    let attempts = 0;
    const call = pipeline.execute(() => {
      attempts++;
      return Promise.reject(Object.assign(new Error('wrong'), { status: 422 }));
    });
    await expect(call).rejects.toThrow('wrong');
    expect(attempts).toBe(1);
  });
});

describe('limits', () => {
  test('an attempt that takes too long is aborted and counts as a failure', async () => {
    const { clock, pipeline, breaker } = pipelineOf({ attemptTimeoutMs: 100 });
    let signal: AbortSignal | undefined;
    const call = pipeline.execute((context) => {
      signal = context.signal;
      return hang();
    });
    const failed = expect(call).rejects.toMatchObject({ code: 'ATTEMPT_TIMEOUT' });
    await clock.advance(100);
    await failed;
    expect([signal?.aborted, breaker.counts.failures]).toEqual([true, 1]);
  });

  test('the caller’s deadline is over all attempts, and says nothing of the dependency', async () => {
    const { clock, pipeline, breaker } = pipelineOf({ timeoutMs: 10_000 });
    const call = pipeline.execute(hang, { deadline: deadlineIn(250, clock) });
    const failed = expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await clock.advance(250);
    await failed;
    expect(breaker.counts.calls).toBe(0);
  });

  test('an attempt is given what remains of the deadline, to pass on', async () => {
    const { pipeline } = pipelineOf({ timeoutMs: 10_000 });
    expect(await pipeline.execute(({ deadline }) => deadline?.remainingMs())).toBe(10_000);
  });
});

describe('bulkhead', () => {
  const bulkhead = { limit: 1, queue: 1, queueTimeoutMs: 100 };

  test('one runs, one waits, the next is refused at once', async () => {
    const { clock, pipeline } = pipelineOf({ bulkhead });
    const first = Promise.withResolvers<string>();
    const running = pipeline.execute(() => first.promise);
    const waiting = pipeline.execute(() => 'second');
    await expect(pipeline.execute(() => 'third')).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    expect([pipeline.bulkhead?.running, pipeline.bulkhead?.waiting]).toEqual([1, 1]);
    first.resolve('first');
    expect(await Promise.all([running, waiting])).toEqual(['first', 'second']);
    await clock.settle();
    expect([pipeline.bulkhead?.running, pipeline.bulkhead?.waiting]).toEqual([0, 0]);
  });

  test('no call waits for longer than the queue allows', async () => {
    const { clock, pipeline } = pipelineOf({ bulkhead });
    void pipeline.execute(hang);
    const waiting = expect(pipeline.execute(() => 'never')).rejects.toMatchObject({
      code: 'BULKHEAD_TIMEOUT',
    });
    await clock.advance(100);
    await waiting;
    expect(pipeline.bulkhead?.waiting).toBe(0);
  });
});

test('the fallback answers for everything but the caller’s own going', async () => {
  const { pipeline, breaker } = pipelineOf({});
  expect(await pipeline.execute(down, { fallback: (error) => (error as Error).message })).toBe('down');
  await breaker.isolate({ reason: 'works' });
  expect(await pipeline.execute(() => 'live', { fallback: () => 'cached' })).toBe('cached');
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(pipeline.execute(() => 'live', { signal: gone, fallback: () => 'cached' })).rejects.toThrow(
    'gone',
  );
});

test('a breaker composes with the policies of cockatiel', async () => {
  const { breaker } = pipelineOf({}, { window: { kind: 'consecutive', failures: 2 } });
  const policy = wrap(
    cockatielRetry(handleAll, { maxAttempts: 1 }),
    breaker,
    timeout(1_000, TimeoutStrategy.Cooperative),
  );
  expect(await policy.execute(({ signal }) => signal.aborted)).toBe(false);
  const failures: number[] = [];
  breaker.onFailure(() => failures.push(1));
  breaker.onFailure(() => {
    throw new Error('a listener of no use');
  });
  await expect(policy.execute(down)).rejects.toThrow('down');
  expect([failures.length, breaker.state]).toEqual([2, 'open']);
});
