import { describe, expect, it } from 'vitest';
import type { ModelError } from '../model-error.ts';
import { ModelQueue } from './model-queue.ts';
import { createServiceRates } from './service-rates.ts';

const takes = (totalMs: number, longMs = totalMs) => ({ firstTokenMs: 100, totalMs, longMs });

function createQueue(sequences: number) {
  const clock = { nowMs: 0 };
  const capacity = { interactive: 2, background: 1 };
  const queue = new ModelQueue({ sequences: () => sequences, capacity, nowMs: () => clock.nowMs });
  return { queue, clock };
}

describe('the queue of a model', () => {
  it('says when a place is very likely free, and that one which takes too long may take as long again', async () => {
    const { queue, clock } = createQueue(2);
    await queue.enter({}, takes(4_000, 6_000));
    await queue.enter({}, takes(9_000));
    const queued = [1, 2].map(() => queue.enter({}, takes(1_000)));
    const refused = () => queue.enter({}, takes(1_000)).catch((error) => error);
    expect(await refused()).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 6_000 });
    clock.nowMs = 6_500;
    expect(await refused()).toMatchObject({ retryAfterMs: 2_500 });
    clock.nowMs = 20_000;
    expect(await refused()).toMatchObject({ retryAfterMs: 20_000 });
    expect(queued.length).toBe(2);
  });

  it('tells each that it refuses of another place, in the order in which they become free', async () => {
    const { queue, clock } = createQueue(2);
    for (const totalMs of [4_000, 9_000, 3_000, 1_000]) void queue.enter({}, takes(totalMs));
    const refused = async () => {
      const error = await queue.enter({}, takes(1_000)).catch((reason) => reason);
      return (error as ModelError).retryAfterMs;
    };
    // The first ends at 4 s, the one that takes its turn at 7, and the next, at 8.
    expect([await refused(), await refused(), await refused()]).toEqual([4_000, 7_000, 8_000]);
    const last = [];
    for (let n = 0; n < 40; n++) last.push(await refused());
    expect(last.at(-1)).toBe(last.at(-2));
    clock.nowMs = 1_000_000;
    expect(await refused()).toBe(1_000_000);
  });

  it('counts each class by itself: a full queue of background calls refuses no question', async () => {
    const { queue } = createQueue(1);
    const running = await queue.enter({}, undefined);
    const background = queue.enter({ priority: 'background' }, undefined);
    await expect(queue.enter({ priority: 'background' }, undefined)).rejects.toMatchObject({
      code: 'OVERLOADED',
    });
    const question = queue.enter({}, undefined);
    expect(queue.queued).toBe(2);
    running.release();
    (await question).release();
    (await background).release();
    expect([queue.running, queue.queued]).toEqual([0, 0]);
  });

  it('expects a question to wait for questions, and background work for both', async () => {
    const { queue } = createQueue(1);
    await queue.enter({}, takes(2_000));
    void queue.enter({}, takes(3_000));
    void queue.enter({ priority: 'background' }, takes(4_000));
    expect(queue.estimateWaitMs()).toBe(5_000);
    expect(queue.estimateWaitMs('background')).toBe(9_000);
  });

  it('refuses at once what cannot begin before its deadline, with the figures', async () => {
    const { queue } = createQueue(1);
    await queue.enter({}, takes(2_000));
    await expect(
      queue.enter({ deadline: { remainingMs: () => 1_500, expired: false } }, takes(500)),
    ).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'the answer is expected to begin in 2100 ms, 1500 ms are left',
    });
    expect(queue.queued).toBe(0);
  });
});

describe('what requests take', () => {
  const seen = (tokens: number, isCut = false) => ({
    isCut,
    promptCharacters: 100,
    promptMs: 50,
    tokens,
    predictedMs: tokens * 10,
  });

  it('is not guessed before anything has been measured', () => {
    expect(createServiceRates().expect(100, 10)).toBeUndefined();
  });

  it('is the mean of late, more by what they differ, and never more than was asked for', () => {
    const rates = createServiceRates();
    for (let n = 0; n < 50; n++) rates.observe(seen(101));
    const alike = rates.expect(200, undefined);
    expect(alike?.firstTokenMs).toBeCloseTo(100);
    expect(alike?.totalMs).toBeCloseTo(100 + 101 * 10.1, 0);
    expect(alike?.longMs).toBeCloseTo(alike?.totalMs ?? 0, 0);
    rates.observe(seen(1001));
    const mixed = rates.expect(200, undefined);
    expect(mixed?.longMs).toBeGreaterThan((mixed?.totalMs ?? 0) * 1.5);
    expect(rates.expect(200, 5)?.longMs).toBeCloseTo(100 + 5 * 10.1, 0);
  });

  it('learns from an answer that was cut only that there are longer ones', () => {
    const rates = createServiceRates();
    const totalMs = (maxTokens: number | undefined) => rates.expect(200, maxTokens)?.totalMs;
    rates.observe(seen(201, true));
    expect(totalMs(1_001)).toBeCloseTo(100 + 1_001 * 10.05, 0);
    expect(totalMs(undefined)).toBeCloseTo(100 + 201 * 10.05, 0);
    rates.observe(seen(101));
    for (let n = 0; n < 20; n++) rates.observe(seen(11, true));
    expect(totalMs(1_001)).toBeGreaterThan(100 + 101 * 10);
  });

  it('says when work begins and when all of it has ended', async () => {
    const said: boolean[] = [];
    const capacity = { interactive: 2, background: 1 };
    const queue = new ModelQueue({ sequences: () => 2, capacity, onBusy: (isBusy) => said.push(isBusy) });
    const [first, second] = [await queue.enter({}, undefined), await queue.enter({}, undefined)];
    first.release();
    expect(said).toEqual([true]);
    second.release();
    second.release();
    expect(said).toEqual([true, false]);
  });
});
