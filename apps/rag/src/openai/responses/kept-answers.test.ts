import { expect, it } from 'vitest';
import { createKeptAnswers } from './kept-answers.ts';

const answer = (id: string, content: string) => {
  const item = { role: 'assistant' as const, content };
  return { id, conversation: [item], items: new Map([[`${id}-item`, item]]) };
};

it('answers are kept for their caller alone, and the oldest make room', () => {
  const kept = createKeptAnswers(200);
  const first = answer('r1', 'x'.repeat(50));
  kept.keep('a', first);
  expect(kept.find('a', 'r1')).toEqual(first.conversation);
  expect(kept.find('a', 'r1-item')).toEqual(first.conversation);
  expect([kept.find('b', 'r1'), kept.find('b', 'r1-item')]).toEqual([undefined, undefined]);
  kept.keep('a', answer('r2', 'y'.repeat(50)));
  kept.keep('a', answer('r3', 'z'.repeat(50)));
  expect(['r1', 'r1-item', 'r2', 'r3'].map((id) => kept.find('a', id) !== undefined)).toEqual([
    false,
    false,
    true,
    true,
  ]);
  kept.keep('a', answer('r4', 'w'.repeat(300)));
  // One that never fits takes the place of no other.
  expect(['r3', 'r4'].map((id) => kept.find('a', id) !== undefined)).toEqual([true, false]);
});

it('an answer is forgotten with its items, by its caller alone', () => {
  const kept = createKeptAnswers();
  kept.keep('a', answer('r1', 'x'));
  expect(kept.forget('b', 'r1')).toBe(false);
  expect(kept.find('a', 'r1')).toBeDefined();
  expect(kept.forget('a', 'r1')).toBe(true);
  expect([kept.find('a', 'r1'), kept.find('a', 'r1-item')]).toEqual([undefined, undefined]);
  expect(kept.forget('a', 'r1')).toBe(false);
});
