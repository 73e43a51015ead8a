import { expect, it } from 'vitest';
import { createKeptItems } from './kept-items.ts';

const said = (content: string) => [{ role: 'user' as const, content }];

it('conversations are kept for their caller alone, and the oldest make room', () => {
  const kept = createKeptItems(200);
  kept.keep('a', 'r1', said('x'.repeat(50)));
  expect(kept.find('a', 'r1')).toEqual(said('x'.repeat(50)));
  expect(kept.find('b', 'r1')).toBeUndefined();
  kept.keep('a', 'r2', said('y'.repeat(50)));
  kept.keep('a', 'r3', said('z'.repeat(50)));
  expect(['r1', 'r2', 'r3'].map((id) => kept.find('a', id) !== undefined)).toEqual([false, true, true]);
  kept.keep('a', 'r4', said('w'.repeat(300)));
  expect(['r3', 'r4'].map((id) => kept.find('a', id))).toEqual([undefined, undefined]);
});
