import { describe, expect, it } from 'vitest';
import { QUESTION_SETS } from './probe-questions.ts';

/** Words, and characters of scripts that write without spaces; hiragana is mostly endings, which all passages have. */
const unitsOf = (text: string) =>
  new Set(text.toLowerCase().match(/[\p{sc=Han}\p{sc=Katakana}]|[\p{sc=Latin}\p{sc=Cyrillic}\p{M}]+/gu));

describe.each(QUESTION_SETS.map((set) => [set[0]?.question, set] as const))(
  'the set of "%s"',
  (_name, set) => {
    it('has 16 topics, and no word of a question is in its passage', () => {
      expect(set).toHaveLength(16);
      for (const { question, passage } of set) {
        expect(unitsOf(passage).size).toBeGreaterThan(3);
        expect([...unitsOf(question).intersection(unitsOf(passage))]).toEqual([]);
      }
    });
  },
);
