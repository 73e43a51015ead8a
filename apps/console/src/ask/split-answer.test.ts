import { expect, test } from 'vitest';
import { splitAnswer } from './split-answer.ts';

const text = (content: string, isSupported = true) => ({ kind: 'text', text: content, isSupported });
const mark = (index: number) => ({ kind: 'mark', index });

test('marks of citations that exist become chips, and others stay text', () => {
  const pieces = splitAnswer('One. [1] Two [7]. [2]', { indices: new Set([1, 2]) });
  expect(pieces).toEqual([text('One. '), mark(1), text(' Two [7]. '), mark(2)]);
});

test('what no citation supports is told from the rest, whether marks lie in it or not', () => {
  const answer = 'Good. [1] Made up. [1] Good again.';
  const unsupported = [{ start: 10, end: 22 }];
  expect(splitAnswer(answer, { indices: new Set([1]), unsupported })).toEqual([
    text('Good. '),
    mark(1),
    text(' '),
    text('Made up. ', false),
    mark(1),
    text(' Good again.'),
  ]);
});

test('an answer without marks is one piece, and an empty one is none', () => {
  expect(splitAnswer('Only text', { indices: new Set() })).toEqual([text('Only text')]);
  expect(splitAnswer('', { indices: new Set() })).toEqual([]);
});
