import { describe, expect, it } from 'vitest';
import type { ModelError } from '../model-error.ts';
import { Admission } from './admission.ts';
import { createServiceRates } from './service-rates.ts';

const takes = (totalMs: number, longMs = totalMs) => ({ firstTokenMs: 100, totalMs, longMs });

function createAdmission(slots: number) {
  const clock = { nowMs: 0 };
  const capacity = { interactive: 2, background: 1 };
  const admission = new Admission({ slots: () => slots, capacity, nowMs: () => clock.nowMs });
  return { admission, clock };
}

describe('admission', () => {
  it('says when a place is very likely free, and that one which takes too long may take as long again', async () => {
    const { admission, clock } = createAdmission(2);
    await admission.enter({}, takes(4_000, 6_000));
    await admission.enter({}, takes(9_000));
    const queued = [1, 2].map(() => admission.enter({}, takes(1_000)));
    const refused = () => admission.enter({}, takes(1_000)).catch((error) => error);
    expect(await refused()).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 6_000 });
    clock.nowMs = 6_500;
    expect(await refused()).toMatchObject({ retryAfterMs: 2_500 });
    clock.nowMs = 20_000;
    expect(await refused()).toMatchObject({ retryAfterMs: 20_000 });
    expect(queued.length).toBe(2);
  });

  it('tells each that it refuses of another place, in the order in which they become free', async () => {
    const { admission, clock } = createAdmission(2);
    for (const totalMs of [4_000, 9_000, 3_000, 1_000]) void admission.enter({}, takes(totalMs));
    const refused = async () => {
      const error = await admission.enter({}, takes(1_000)).catch((reason) => reason);
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
    const { admission } = createAdmission(1);
    const running = await admission.enter({}, undefined);
    const background = admission.enter({ priority: 'background' }, undefined);
    await expect(admission.enter({ priority: 'background' }, undefined)).rejects.toMatchObject({
      code: 'OVERLOADED',
    });
    const question = admission.enter({}, undefined);
    expect(admission.queued).toBe(2);
    running.release();
    (await question).release();
    (await background).release();
    expect([admission.running, admission.queued]).toEqual([0, 0]);
  });

  it('expects a question to wait for questions, and background work for both', async () => {
    const { admission } = createAdmission(1);
    await admission.enter({}, takes(2_000));
    void admission.enter({}, takes(3_000));
    void admission.enter({ priority: 'background' }, takes(4_000));
    expect(admission.estimateWaitMs()).toBe(5_000);
    expect(admission.estimateWaitMs('background')).toBe(9_000);
  });

  it('refuses at once what cannot begin before its deadline, with the figures', async () => {
    const { admission } = createAdmission(1);
    await admission.enter({}, takes(2_000));
    await expect(
      admission.enter({ deadline: { remainingMs: () => 1_500, expired: false } }, takes(500)),
    ).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'the answer is expected to begin in 2100 ms, 1500 ms are left',
    });
    expect(admission.queued).toBe(0);
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
    expect(createServiceRates().expect({ promptCharacters: 100, maxTokens: 10 })).toBeUndefined();
  });

  it('is the mean of late, more by what they differ, and never more than was asked for', () => {
    const rates = createServiceRates();
    for (let n = 0; n < 50; n++) rates.observe(seen(101));
    const alike = rates.expect({ promptCharacters: 200, maxTokens: undefined });
    expect(alike?.firstTokenMs).toBeCloseTo(100);
    expect(alike?.totalMs).toBeCloseTo(100 + 101 * 10.1, 0);
    expect(alike?.longMs).toBeCloseTo(alike?.totalMs ?? 0, 0);
    rates.observe(seen(1001));
    const mixed = rates.expect({ promptCharacters: 200, maxTokens: undefined });
    expect(mixed?.longMs).toBeGreaterThan((mixed?.totalMs ?? 0) * 1.5);
    expect(rates.expect({ promptCharacters: 200, maxTokens: 5 })?.longMs).toBeCloseTo(100 + 5 * 10.1, 0);
  });

  it('learns from an answer that was cut only that there are longer ones', () => {
    const rates = createServiceRates();
    const totalMs = (maxTokens: number | undefined) =>
      rates.expect({ promptCharacters: 200, maxTokens })?.totalMs;
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
    const admission = new Admission({ slots: () => 2, capacity, onBusy: (isBusy) => said.push(isBusy) });
    const [first, second] = [await admission.enter({}, undefined), await admission.enter({}, undefined)];
    first.release();
    expect(said).toEqual([true]);
    second.release();
    second.release();
    expect(said).toEqual([true, false]);
  });
});
