import { expect, it } from 'vitest';
import { conversationOf } from './turns.ts';

it('a chat is read as questions with their answers, and the last message of the user as the question', () => {
  const chat = [
    { role: 'system', content: 'Be brief.' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: ' What is the limit? ' },
    { role: 'assistant', content: '20 MB ' },
    { role: 'assistant', content: '[1].' },
    { role: 'user', content: 'Can it be raised?' },
  ] as const;
  expect(conversationOf(chat)).toEqual({
    question: 'Can it be raised?',
    before: [{ question: 'What is the limit?', answer: '20 MB [1].' }],
  });
});

it('a chat without a user asks nothing', () => {
  expect(conversationOf([{ role: 'system', content: 'Be brief.' }])).toEqual({ question: '', before: [] });
});
