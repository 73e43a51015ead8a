import { describe, expect, test } from 'vitest';
import type { StoredChunk } from '../../store/store.ts';
import { byChunk, lexicalPlace, placeOf, spreadWith } from './place.ts';
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

  test('by its first words, which are then hidden, where others are called the same or it has no name', () => {
    const [one, other] = questionsOf([
      chunkOf('a', `Wheels turn drums. ${REST} ${REST}`, { title: 'Old cranes' }),
      chunkOf('b', `A second text about ropes that lead over pulleys to the hook. ${REST}`, {
        title: 'Old cranes',
      }),
    ]);
    expect(one?.asked).toBe('Wheels turn drums. The machine lifts loads of stone, and a brake');
    expect(one?.rest).toMatch(/^holds the rope/);
    expect(other?.asked).toMatch(/^A second text about ropes/);
  });

  test('only where enough text is left', () => {
    expect(questionsOf([chunkOf('a', 'Too short.', { title: 'Old cranes' })])).toEqual([]);
  });
});

describe('the place of a chunk among lexical hits', () => {
  const other = { chunk: chunkOf('z', 'cranes'), score: 4 };
  const place = (text: string) => {
    const [question] = questionsOf([chunkOf('a', text, { title: 'Old cranes' })]);
    if (question === undefined) throw new TypeError('nothing is asked');
    const hits = [{ chunk: question.chunk, score: 10 }, other];
    return lexicalPlace(question, hits, { terms: ['old', 'crane'], chunks: 100, frequencies: [10, 10] });
  };

  test('is by the words that it has beside those that are asked with', () => {
    expect(place(`${REST} A crane that is old, and another crane.`)).toBe(0);
    expect(place(`${REST} It is old.`)).toBe(1);
    expect(place(REST)).toBeUndefined();
  });
});

test('only better hits of other documents count, each document once', () => {
  const hit = (documentId: string, score: number) => ({ chunk: chunkOf(documentId, REST), score });
  const hits = [hit('own', 0.9), hit('x', 0.8), hit('x', 0.7), hit('y', 0.6), hit('z', 0.2)];
  expect(placeOf(0.5, chunkOf('own', REST), hits)).toBe(2);
  expect(spreadWith(0.5, chunkOf('own', REST), hits)).toBeCloseTo(0.6);
  expect(spreadWith(0.95, chunkOf('own', REST), hits)).toBeCloseTo(0.75);
});

test('where there are few documents each chunk counts, but for those that have the name that is asked with', () => {
  const own = chunkOf('own', REST, { heading: ['Brakes of cranes'] });
  const [question] = questionsOf([own]);
  if (question === undefined) throw new TypeError('nothing is asked');
  const others = [
    own,
    chunkOf('own', REST, { ordinal: 1, heading: ['Brakes of cranes', 'Wear'] }),
    chunkOf('own', REST, { ordinal: 2, heading: ['Ropes'] }),
    chunkOf('x', REST, { heading: ['Brakes of cranes'] }),
    chunkOf('x', REST, { ordinal: 1 }),
  ];
  const hits = others.map((chunk, at) => ({ chunk, score: 0.9 - at / 10 }));
  expect(placeOf(0.1, own, hits, byChunk(question))).toBe(3);
  expect(placeOf(0.1, own, hits)).toBe(1);
  expect(spreadWith(0.1, own, hits, byChunk(question))).toBeCloseTo(0.2);
});
