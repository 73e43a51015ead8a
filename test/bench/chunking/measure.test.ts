import { expect, test } from 'vitest';
import { measureOverlap } from './measure.ts';

const chunks = [
  { start: 0, end: 100 },
  { start: 100, end: 150 },
  { start: 160, end: 200 },
];
const ask = (...evidence: { start: number; end: number }[]) =>
  measureOverlap(chunks, [{ corpus: 'c', evidence }]);

test('evidence within one chunk is whole, and the rest of the chunk lowers precision', () => {
  expect(ask({ start: 110, end: 120 })).toEqual({
    spans: 1,
    cut: 0,
    recall: 1,
    precision: 0.2,
    iou: 0.2,
    recallOfBest: 1,
  });
});

test('evidence over a border is cut, and one chunk gives a part of it', () => {
  expect(ask({ start: 90, end: 130 })).toMatchObject({ cut: 1, recall: 1, recallOfBest: 0.75 });
});

test('evidence between chunks is lost', () => {
  expect(ask({ start: 140, end: 160 })).toMatchObject({ cut: 0, recall: 0.5, precision: 0.2, iou: 10 / 60 });
  expect(ask({ start: 150, end: 160 })).toMatchObject({ cut: 0, recall: 0, precision: 0 });
});

test('evidence that overlaps is counted once', () => {
  expect(ask({ start: 0, end: 40 }, { start: 20, end: 60 })).toMatchObject({ spans: 2, precision: 0.6 });
});
