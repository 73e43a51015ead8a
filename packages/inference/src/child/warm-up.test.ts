import { describe, expect, it } from 'vitest';
import { promptSizes, roundTokens, streamCounts } from './warm-up.ts';

describe('warming up a device', () => {
  it('takes, beside the largest, each size of prompt for which there is a program of its own', () => {
    expect(promptSizes(512)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 24, 48, 96]);
    expect(promptSizes(48)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 24]);
    expect(promptSizes(1)).toEqual([]);
  });

  it('takes each number of streams that makes a difference, and the largest', () => {
    expect(streamCounts(2)).toEqual([1, 2]);
    expect(streamCounts(32)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 32]);
  });
});

describe('a round', () => {
  it('is as large as a batch where the device is fast', () => {
    expect(roundTokens(512, 20)).toBe(512);
  });

  it('is cut to what a slow device evaluates in a quarter of a second', () => {
    expect(roundTokens(512, 500)).toBe(256);
  });

  it('is never smaller than on a CPU, and never larger than the batch', () => {
    expect(roundTokens(512, 60_000)).toBe(128);
    expect(roundTokens(64, 60_000)).toBe(64);
  });
});
