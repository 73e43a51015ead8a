import { expect, test } from 'vitest';
import { ListCache } from './list-cache.ts';

const segment = { id: 1, mark: 'a' };
const postings = (length: number) => new Uint8Array(length).fill(1);

test('keeps what was asked for last, and no more than it has room for', () => {
  const cache = new ListCache(3_000);
  cache.add(segment, 'ferry', postings(1_000));
  cache.add(segment, 'tide', postings(1_000));
  expect(cache.get(segment, 'ferry')).toEqual(postings(1_000));
  cache.add(segment, 'crane', postings(1_000));
  expect(cache.get(segment, 'tide')).toBeUndefined();
  expect(cache.get(segment, 'ferry')).toEqual(postings(1_000));
  cache.add(segment, 'rope', postings(5_000));
  expect(cache.get(segment, 'rope')).toBeUndefined();
});

test('knows that a segment has nothing of a term, and nothing of one with another mark', () => {
  const cache = new ListCache();
  expect(cache.get(segment, 'ferry')).toBeUndefined();
  cache.add(segment, 'ferry', undefined);
  expect(cache.get(segment, 'ferry')).toHaveLength(0);
  expect(cache.get({ ...segment, mark: 'b' }, 'ferry')).toBeUndefined();
});
