import { randomInt } from 'node:crypto';

/**
 * The engine takes 32 bits, and its largest for "any"; without a seed it takes the second of the day, so that all
 * requests of one second would get the same answer. -1 asks for any seed, as with llama-server.
 */
export function chooseSeed(asked: number | undefined): number {
  if (asked === undefined || asked === -1) return randomInt(SEEDS);
  return ((asked % SEEDS) + SEEDS) % SEEDS;
}

const SEEDS = 2 ** 32 - 1;
