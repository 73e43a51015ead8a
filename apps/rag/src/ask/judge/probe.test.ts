import { describe, expect, it } from 'vitest';
import { probePrompts, readProbe } from './probe.ts';

const all = (yes: readonly number[], no: readonly number[]) => readProbe([...yes, ...no]);
const six = (probability: number) => Array.from({ length: 6 }, () => probability);

describe('the probe of a judge', () => {
  it('asks as often for yes as for no', () => {
    expect(probePrompts()).toHaveLength(12);
  });

  it('sets the bar between what the model says to both, wherever it leans', () => {
    expect(all(six(0.9), six(0.1))).toBeCloseTo(0.5, 6);
    expect(all(six(0.99), six(0.9))).toBeGreaterThan(0.9);
    expect(all(six(0.1), six(0.01))).toBeLessThan(0.1);
    expect(all(six(1), six(0))).toBeCloseTo(0.5, 6);
  });

  it('turns off a model that says the same to all, or the opposite', () => {
    expect(all(six(0.5), six(0.5))).toBeUndefined();
    expect(all(six(1), six(1))).toBeUndefined();
    expect(all(six(0.1), six(0.9))).toBeUndefined();
  });

  it('lets one slip pass, and no more', () => {
    const slips = (count: number) => [...six(0.9).slice(count), ...six(0.05).slice(0, count)];
    expect(all(slips(1), six(0.1))).toBeDefined();
    expect(all(slips(2), six(0.1))).toBeUndefined();
  });
});
