import { describe, expect, test } from 'vitest';
import type { StoredChunk } from '../../store/store.ts';
import { WEIGHTS } from '../dense-weight.ts';
import { byChunk, byDocument, foundAt, legWith, spreadOf } from './found-at.ts';
import { lexicalScore } from './hidden-score.ts';
import { questionsOf } from './question.ts';

const REST = 'The machine lifts loads of stone, and a brake holds the rope whenever nobody turns the wheel.';

function chunkOf(documentId: string, text: string, more: Partial<StoredChunk> = {}): StoredChunk {
  return {
    documentId,
    ordinal: 0,
    start: 0,
    end: text.length,
    text,
    heading: [],
    context: '',
    title: undefined,
    url: undefined,
    inline: 'none',
    blocks: undefined,
    metadata: {},
    ...more,
  };
}

describe('a chunk is asked for', () => {
  test('by its heading, else by the title of its document, where it alone has that', () => {
    const questions = questionsOf([
      chunkOf('a', REST, { title: 'Old cranes', heading: ['Parts', 'Brakes of cranes'] }),
      chunkOf('b', REST, { title: 'New cranes' }),
    ]);
    expect(questions.map(({ asked }) => asked)).toEqual(['Brakes of cranes', 'New cranes']);
  });

  test('by a sentence from inside, which is then hidden, where others are called the same or it has no name', () => {
    const [one, other] = questionsOf([
      chunkOf(
        'a',
        `Wheels turn drums. Ropes of hemp lead over pulleys to the hook, as they did in Rome and Egypt. ${REST}`,
        {
          title: 'Old cranes',
        },
      ),
      chunkOf('b', `A second text. ${REST} Who turns the wheel walks in it. ${REST}`, {
        title: 'Old cranes',
      }),
    ]);
    expect(one?.asked).toBe(REST);
    expect(other?.asked).toBe('Who turns the wheel walks in it.');
    expect(other?.rest).toMatch(/^A second text\. The machine .* wheel\.\s+The machine .* wheel\.$/);
  });

  test('by its first words where it has one sentence only', () => {
    const [question] = questionsOf([
      chunkOf('a', `${REST.slice(0, -1)}, as ropes of hemp lead over pulleys to the hook of old.`),
    ]);
    expect(question?.asked).toBe('The machine lifts loads of stone, and a brake holds the rope');
    expect(question?.rest).toMatch(/^whenever nobody turns/);
  });

  test('only where enough text is left', () => {
    expect(questionsOf([chunkOf('a', 'Too short.', { title: 'Old cranes' })])).toEqual([]);
  });
});

describe('the lexical score of a chunk', () => {
  const scoreOf = (text: string) => {
    const [question] = questionsOf([chunkOf('a', text, { title: 'Old cranes' })]);
    if (question === undefined) throw new TypeError('nothing is asked');
    const hits = [{ chunk: question.chunk, score: 10 }];
    return lexicalScore(question, hits, { terms: ['old', 'crane'], chunks: 100, frequencies: [10, 10] });
  };

  test('is that of the words that it has beside those that are asked with', () => {
    expect(scoreOf(`${REST} A crane that is old, and another crane.`)).toBeGreaterThan(4);
    expect(scoreOf(`${REST} It is old.`)).toBeLessThan(4);
    expect(scoreOf(REST)).toBeUndefined();
  });
});

const hit = (documentId: string, score: number) => ({ chunk: chunkOf(documentId, REST), score });
const ofDocument = byDocument(chunkOf('own', REST));

describe('what a leg finds', () => {
  const hits = [hit('own', 0.9), hit('x', 0.8), hit('x', 0.7), hit('y', 0.6), hit('z', 0.2)];
  const places = (score: number | undefined) => legWith(score, hits, ofDocument).map(({ as }) => as);

  test('has the chunk that is asked for by its score without the words, and no other of its document', () => {
    expect(places(0.5)).toEqual(['x', 'x', 'y', undefined, 'z']);
    expect(places(0.1)).toEqual(['x', 'x', 'y', 'z', undefined]);
    expect(places(undefined)).toEqual(['x', 'x', 'y', 'z']);
  });

  test('ends with the last candidate', () => {
    const many = Array.from({ length: 50 }, (_, at) => hit(`other ${at}`, 1 - at / 100));
    expect(legWith(0.5, many, ofDocument)).toHaveLength(50);
    expect(legWith(0.512, many, ofDocument).at(-2)?.as).toBeUndefined();
  });

  test('spreads from its best to the last of the others', () => {
    expect(spreadOf(legWith(0.5, hits, ofDocument))).toBeCloseTo(0.6);
    expect(spreadOf(legWith(0.95, hits, ofDocument))).toBeCloseTo(0.75);
    expect(spreadOf(legWith(0.1, hits, ofDocument))).toBeCloseTo(0.6);
  });
});

describe('a chunk is found', () => {
  const others = ['x', 'x', 'y', 'z', 'z', 'w'].map((id, ordinal) => ({
    chunk: chunkOf(id, REST, { ordinal }),
    score: 9 - ordinal,
  }));
  const at = (lexical: number | undefined, dense: number | undefined) => {
    const legs = { lexical: legWith(lexical, others, ofDocument), dense: legWith(dense, others, ofDocument) };
    const found = foundAt(legs, spreadOf(legs.dense));
    return WEIGHTS.filter((_, place) => found[place]);
  };

  test('when at most two other documents come before it, each once', () => {
    expect(at(6.5, 6.5)).toEqual(WEIGHTS);
    expect(at(5.5, 5.5)).toEqual([]);
  });

  test('by fusion, with the weights at which the leg that finds it is heard enough', () => {
    expect(at(8.5, undefined)).toContain(0);
    expect(at(8.5, undefined)).not.toContain(1);
    expect(at(undefined, 8.5)).toContain(1);
    expect(at(undefined, 8.5)).not.toContain(0);
  });
});

test('where there are few documents each chunk counts, but for those that have the name that is asked with', () => {
  const own = chunkOf('own', REST, { heading: ['Brakes of cranes'] });
  const [question] = questionsOf([own]);
  if (question === undefined) throw new TypeError('nothing is asked');
  const chunks = [
    own,
    chunkOf('own', REST, { ordinal: 1, heading: ['Brakes of cranes', 'Wear'] }),
    chunkOf('own', REST, { ordinal: 2, heading: ['Ropes'] }),
    chunkOf('x', REST, { heading: ['Brakes of cranes'] }),
    chunkOf('x', REST, { ordinal: 1 }),
  ];
  const hits = chunks.map((chunk, place) => ({ chunk, score: 0.9 - place / 10 }));
  expect(legWith(0.1, hits, byChunk(question)).map(({ key }) => key)).toEqual(['2 own', '0 x', '1 x', '']);
  expect(legWith(0.1, hits, byDocument(own)).map(({ key }) => key)).toEqual(['0 x', '1 x', '']);
  expect(spreadOf(legWith(0.1, hits, byChunk(question)))).toBeCloseTo(0.2);
});
