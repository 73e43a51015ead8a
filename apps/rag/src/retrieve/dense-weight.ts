/** How many known chunks were asked for, and how many of them each leg found among its best documents. */
export interface HitCounts {
  readonly asked: number;
  readonly lexical: number;
  readonly dense: number;
}

/** Of a leg that nothing is known about: with it, the weak models that were measured made search worse by little. */
export const START_WEIGHT = 0.3;
/** Of fewer questions, chance decides more than the models. */
export const LEAST_ASKED = 30;
/**
 * How much the log-odds count, from the table of `npm run bench -- fusion`: Cranfield and CACM leave little room for
 * another. That the standard error is taken off, and what counts as a hit, was chosen with SQuAD and Vaswani in view too.
 */
const SLOPE = 1.7;
/** Legs that miss almost nothing have log-odds without bounds, and so has their error. */
const MOST_ERROR = 0.3;
/** Below it the dense leg is off. */
const LEAST_WEIGHT = 0.05;

/**
 * What the dense leg weighs in fusion, from 0 (off) to nearly 1, by how often each leg found what was asked for: the
 * logistic of the difference of their log-odds, less its standard error, so that little evidence counts for little.
 */
export function denseWeight({ asked, lexical, dense }: HitCounts): number {
  if (asked < LEAST_ASKED) return START_WEIGHT;
  const difference = logOdds(dense, asked) - logOdds(lexical, asked);
  const error = Math.min(MOST_ERROR, Math.sqrt(varianceOf(dense, asked) + varianceOf(lexical, asked)));
  const weight = 1 / (1 + Math.exp(-SLOPE * (difference - error)));
  return weight < LEAST_WEIGHT ? 0 : weight;
}

/** Half a hit and half a miss more keep both finite (Haldane and Anscombe). */
function logOdds(hits: number, asked: number): number {
  return Math.log((hits + 0.5) / (asked - hits + 0.5));
}

function varianceOf(hits: number, asked: number): number {
  return 1 / (hits + 0.5) + 1 / (asked - hits + 0.5);
}
