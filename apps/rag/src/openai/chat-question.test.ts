import { expect, it } from 'vitest';
import { questionOf } from './chat-question.ts';

const BEFORE = 'What is the upload limit?';

function chat(...asked: readonly string[]) {
  return asked.flatMap((content) => [
    { role: 'user' as const, content },
    { role: 'assistant' as const, content: 'It is so.' },
  ]);
}

it.each([
  'Can it be raised?',
  'And for larger files?',
  'Why?',
  'What about images?',
  'How do I change that?',
])('"%s" is asked together with the question before it', (last) => {
  expect(questionOf(chat('Hello', BEFORE, last))).toBe(`${BEFORE}\n${last}`);
  expect(questionOf(chat(last))).toBe(last);
});

it.each([
  'How often are failed uploads retried?',
  'Which file holds the settings that administrators change?',
])('"%s" stands by itself', (last) => {
  expect(questionOf(chat(BEFORE, last))).toBe(last);
});

it('a question before it that is too long is left out', () => {
  expect(questionOf(chat('x'.repeat(1_990), 'Can it be raised?'))).toBe('Can it be raised?');
});

it('a chat without a user asks nothing', () => {
  expect(questionOf([{ role: 'system', content: 'Be brief.' }])).toBe('');
});
