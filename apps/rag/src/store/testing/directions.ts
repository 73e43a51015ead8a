import { createHash } from 'node:crypto';

export const DIMENSIONS: number = 64;

/** For tests: a direction that depends on the last word of a text alone. */
export function directionOf(text: string, dimensions: number): Float32Array {
  const word = text.split(/\s/).at(-1) ?? '';
  const bytes = createHash('shake256', { outputLength: dimensions }).update(word).digest();
  return Float32Array.from(bytes, (byte) => byte - 127.5);
}
