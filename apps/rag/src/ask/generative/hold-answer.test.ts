import { describe, expect, it } from 'vitest';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { plainMarks } from '../text/marks.ts';
import { holdAnswer } from './hold-answer.ts';
import { sourceOf } from './source.ts';

const text = `The upload limit is 20 MB. Larger files are refused. Ask "e.g. the owner" for more.
Set it with \`limits set 20. MB [1, 1]\`.`;
const chunk = {
  documentId: 'limits',
  ordinal: 0,
  start: 0,
  end: text.length,
  text,
  heading: [],
  context: '',
};
const SOURCES: readonly RetrievedChunk[] = [
  {
    chunk: {
      ...chunk,
      title: undefined,
      url: undefined,
      inline: 'markdown',
      blocks: undefined,
      metadata: {},
    },
    score: 1,
  },
];

function pieces(answer: string, size = 1) {
  const held = holdAnswer(SOURCES.map(sourceOf));
  const shown: string[] = [];
  for (let at = 0; at < answer.length; at += size) shown.push(held.push(answer.slice(at, at + size)));
  return { shown: shown.filter(Boolean), rest: held.rest };
}

describe('an answer that is held back', () => {
  it('is shown sentence by sentence, each when the next has begun, with the marks that follow it', () => {
    expect(pieces('The upload limit is 20 MB. [1] Larger files are refused [1]. Yes.')).toEqual({
      shown: ['The upload limit is 20 MB. [1]', ' Larger files are refused [1]. '],
      rest: 'Yes.',
    });
  });

  it('is not shown before a source supports a sentence', () => {
    expect(
      pieces('Sure! Bananas grow on Mars [1]. They do. The upload limit is 20 MB [1]. So it is.'),
    ).toEqual({
      shown: ['Sure! Bananas grow on Mars [1]. They do. The upload limit is 20 MB [1]. '],
      rest: 'So it is.',
    });
    expect(pieces('Bananas grow on Mars [1]. They do so since 1987 [1]. Yes.').shown).toEqual([]);
  });

  it.each([
    'The upload limit is 20 MB 【1】. Larger files are refused [1, 1]. Ask the owner, e.g. by mail [source 1].',
    'The limit:\n\n- The upload limit is 20 MB [1].\n- Larger files are refused [1].\n\nThat is all.',
    'The upload limit is 20 MB [1]. Set it with `limits set 20. MB [1, 1]`. Then ask [1].',
    'The upload limit is 20 MB [1]. Run:\n\n```sh\nlimits [1, 1]. Now\n\nThen\n```\n\nLarger files are refused [1-1].',
    '| what | how much |\n| --- | --- |\n| upload limit | 20 MB [1] |\n| files | refused [1] |\n\nDone.',
    'The upload limit is 20 MB [1]。Larger files are refused [1]。そうです。',
  ])('is the same in whatever pieces it comes: %j', (answer) => {
    const whole = plainMarks(answer, 1);
    for (const size of [1, 2, 3, 7, 1_000]) {
      const { shown, rest } = pieces(answer, size);
      expect(shown.join('') + rest).toBe(whole);
    }
    expect(pieces(answer).shown.length).toBeGreaterThan(0);
  });
});
