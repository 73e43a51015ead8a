import { randomInt } from 'node:crypto';

/**
 * A seed of 32 bits for the engine, which takes the largest value for "any". Without a seed the engine takes the current
 * second, so that all requests of one second would get the same answer. -1 asks for any seed, as in llama-server.
 */
export function chooseSeed(asked: number | undefined): number {
  if (asked === undefined || asked === -1) return randomInt(SEEDS);
  return ((asked % SEEDS) + SEEDS) % SEEDS;
}

const SEEDS = 2 ** 32 - 1;
