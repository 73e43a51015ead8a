import { describe, expect, it } from 'vitest';
import { whyScoresMeanNothing, whyVectorsMeanNothing } from './probe-verdict.ts';

/** A vector for each of 16 topics; the first `moved` are of the topic after their own. */
function topics(moved = 0): Float32Array[] {
  return Array.from({ length: 16 }, (_, index) => {
    const topic = index < moved ? (index + 1) % 16 : index;
    return Float32Array.from({ length: 16 }, (_, at) => (at === topic ? 0.9 : 0.1));
  });
}

const all = (value: number) => topics().map((vector) => vector.map(() => value));

describe('vectors', () => {
  it('mean something when most questions find their own passage', () => {
    expect(whyVectorsMeanNothing(topics(), topics())).toBeUndefined();
    expect(whyVectorsMeanNothing(topics(), topics(7))).toBeUndefined();
    const few = 'it finds the right passage for 7 of 16 questions only';
    expect(whyVectorsMeanNothing(topics(), topics(8))).toBe(few);
  });

  it.each([
    ['it makes the same vector of every text', all(0.35)],
    ['its vectors hold values that are no numbers', all(Number.NaN)],
    ['its vectors are zero', all(0)],
    ['it makes no vector of a text', topics().map(() => new Float32Array())],
  ])('mean nothing when %s', (reason, vectors) => {
    expect(whyVectorsMeanNothing(vectors, vectors)).toBe(reason);
  });
});

describe('scores', () => {
  const rows = (right: number, best = 0.9, rest = 0.1) =>
    Array.from({ length: 8 }, (_, row) => (row < right ? [best, rest, rest] : [rest, best, rest]));

  it('mean something when the right passage is nearly always the highest', () => {
    expect(whyScoresMeanNothing(rows(8))).toBeUndefined();
    expect(whyScoresMeanNothing(rows(7))).toBeUndefined();
    const few = 'it scores the right passage highest for 6 of 8 questions only';
    expect(whyScoresMeanNothing(rows(6))).toBe(few);
  });

  it('mean nothing when they are all the same, about zero, or no numbers', () => {
    expect(whyScoresMeanNothing(rows(8, 0.5, 0.5))).toBe('it gives every text the same score, about 0.5');
    expect(whyScoresMeanNothing(rows(8, 2e-20, 1e-20))).toBe(
      'it gives every text the same score, about 2e-20',
    );
    expect(whyScoresMeanNothing(rows(8, Number.NaN))).toBe('its scores are no numbers');
  });
});
