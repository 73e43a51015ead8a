import { expect, test } from 'vitest';
import { nextSize } from './batch-size.ts';
import { createQuestionsAtWork } from './questions-at-work.ts';

test.each([
  ['a batch that is fast is doubled', [4, 4, 20], 8],
  ['one that was not full says nothing', [4, 2, 20], 4],
  ['one that takes its time stays', [4, 4, 80], 4],
  ['one that is slow is halved', [4, 4, 200], 2],
  ['one text is the least', [1, 1, 200], 1],
  ['64 texts are the most', [64, 64, 1], 64],
] as const)('%s', (_, [size, texts, tookMs], expected) => {
  expect(nextSize(size, texts, tookMs)).toBe(expected);
});

test('a batch waits while a question is at work', async () => {
  const { counted, untilNone } = createQuestionsAtWork({ longestWaitMs: 60_000 });
  const order: string[] = [];
  const answer = Promise.withResolvers<void>();
  const question = counted(() => answer.promise)().then(() => order.push('answer'));
  const batch = untilNone(new AbortController().signal).then(() => order.push('batch'));
  answer.resolve();
  await Promise.all([question, batch]);
  expect(order).toEqual(['answer', 'batch']);
});

test('but not for ever', async () => {
  const { counted, untilNone } = createQuestionsAtWork({ longestWaitMs: 20 });
  void counted(() => new Promise(() => {}))();
  await untilNone(new AbortController().signal);
});

test('a question that fails is at work no more', async () => {
  const { counted, untilNone } = createQuestionsAtWork();
  await expect(counted(() => Promise.reject(new Error('no')))()).rejects.toThrow('no');
  await untilNone(new AbortController().signal);
});
