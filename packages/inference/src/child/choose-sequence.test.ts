import { describe, expect, it } from 'vitest';
import { chooseSequence, type SequenceUse } from './choose-sequence.ts';

const idle = (shared: number, usedAt: number): SequenceUse => ({ busy: false, shared, usedAt });
const busy: SequenceUse = { busy: true, shared: 999, usedAt: 0 };

describe('a new prompt goes to the idle sequence', () => {
  it('that shares most with it', () => {
    expect(chooseSequence([idle(10, 1), idle(300, 9), busy, idle(20, 2)])).toBe(1);
  });

  it('that is unused for longest where they share about as much', () => {
    expect(chooseSequence([idle(12, 5), idle(15, 7), idle(10, 3), busy])).toBe(2);
  });

  it('beside a busy one where there are many, unless another shares more', () => {
    const rest = [idle(0, 3), idle(0, 1), idle(0, 2)];
    expect(chooseSequence([idle(0, 9), busy, idle(0, 8), ...rest])).toBe(2);
    expect(chooseSequence([idle(0, 9), busy, idle(0, 8), idle(0, 7), idle(0, 1), idle(99, 9)])).toBe(5);
    expect(chooseSequence([idle(0, 4), ...rest, idle(0, 0)])).toBe(4);
  });

  it('or to none', () => {
    expect(chooseSequence([busy, busy])).toBeUndefined();
  });
});
