import type { RagClient } from '@xnai/contracts/client';
import { describe, expect, it } from 'vitest';
import { answerQueries, contains } from './answers.ts';

const REPLIES: Readonly<Record<string, { mode: 'extractive' | 'none'; answer: string }>> = {
  'How old?': { mode: 'extractive', answer: 'The tower is 90\nyears old. [1]' },
  'How tall?': { mode: 'extractive', answer: 'It is tall. [1]' },
  'Who built it?': { mode: 'none', answer: 'Nothing answers this: 90 years old.' },
  'What for?': { mode: 'none', answer: 'Nothing.' },
  'Where?': { mode: 'extractive', answer: 'Here. [1]' },
};

const client = {
  query: ({ query }: { query: string }) => Promise.resolve({ degraded: ['judge'], ...REPLIES[query] }),
} as unknown as RagClient;

describe('the answers to a set of questions', () => {
  it('are right when they contain one of the answers, and none where the set says impossible', async () => {
    const report = await answerQueries(client, 'c', [
      { id: '1', text: 'How old?', answers: ['ninety', '90 years'], isImpossible: false },
      { id: '2', text: 'How tall?', answers: ['40 metres'], isImpossible: false },
      { id: '3', text: 'Who built it?', answers: ['90 years old'], isImpossible: false },
      { id: '4', text: 'What for?', answers: [], isImpossible: true },
      { id: '5', text: 'Where?', answers: [], isImpossible: true },
      { id: '6', text: 'Not asked', answers: [], isImpossible: false },
    ]);
    expect(report).toMatchObject({ answerable: 3, impossible: 2, none: 0.5, degraded: { judge: 5 } });
    expect(report.right).toBeCloseTo(1 / 3, 10);
    expect(report.refused).toBeCloseTo(1 / 3, 10);
    // "The tower is 90 years old." and "It is tall.": marks are not counted.
    expect(report.meanChars).toBe((26 + 11) / 2);
  });

  it('are compared without regard to case, white space, quotes and dashes', () => {
    expect(contains('It’s the 1914–18  War', ["it's the 1914-18 war"])).toBe(true);
    expect(contains('anything', ['', ' '])).toBe(false);
  });
});
