import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SamplingRules } from '../circuit/rules.ts';
import { createWindow } from './window.ts';

const rules: SamplingRules = {
  kind: 'sampling',
  windowMs: 1_000,
  slotMs: 100,
  failureRate: 0.5,
  minimumCalls: 4,
};

test('a sampling window holds what a list of all calls would, slot by slot', () => {
  const call = fc.record({ afterMs: fc.nat(700), failed: fc.boolean(), slow: fc.boolean() });
  const property = fc.property(fc.array(call, { maxLength: 60, size: 'max' }), (calls) => {
    const window = createWindow(rules);
    const all: { readonly slot: number; readonly failed: boolean; readonly slow: boolean }[] = [];
    let nowMs = 12_345;
    for (const { afterMs, failed, slow } of calls) {
      nowMs += afterMs;
      const slot = Math.floor(nowMs / 100);
      all.push({ slot, failed, slow });
      window.record(failed, slow, nowMs);
      const recent = all.filter((one) => one.slot > slot - 10);
      expect(window.counts(nowMs)).toEqual({
        calls: recent.length,
        failures: recent.filter((one) => one.failed).length,
        slow: recent.filter((one) => one.slow).length,
      });
    }
  });
  fc.assert(property, { numRuns: 500 });
});

test('an hour of quiet leaves nothing of old successes to hide new failures', () => {
  const window = createWindow(rules);
  for (let i = 0; i < 100; i++) window.record(false, false, i);
  const verdicts = [1, 2, 3, 4].map((i) => window.record(true, false, 3_600_000 + i));
  expect(verdicts).toEqual([undefined, undefined, undefined, 'failure-rate']);
});

test('failures in a row are counted until one call goes well', () => {
  const window = createWindow({ kind: 'consecutive', failures: 3 });
  const verdicts = [true, true, false, true, true, true].map((failed) => window.record(failed, false, 0));
  expect(verdicts.at(-1)).toBe('consecutive-failures');
  expect(verdicts.slice(0, -1).every((one) => one === undefined)).toBe(true);
});
