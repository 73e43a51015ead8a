import { describe, expect, it } from 'vitest';
import { hasAnswerForm } from './answer-form.ts';
import { readQuestion } from './question.ts';

describe('the form of an answer', () => {
  it.each([
    ['It takes 12 seconds.', true],
    ['It takes twelve seconds.', true],
    ['The file is checked by sha256sum.', false],
    ['Call sqlite3_open before.', false],
    ['See x86_64 for that.', false],
  ])('of a question after a number: %s %s', (text, expected) => {
    expect(hasAnswerForm(readQuestion('How many seconds does it take?'), text)).toBe(expected);
  });
});
