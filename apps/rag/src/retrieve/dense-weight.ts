/** Of a leg that nothing is known about: with it, the weak models that were measured made search worse by little. */
export const START_WEIGHT = 0.3;
/** Of fewer questions, chance decides more than the models. */
export const LEAST_ASKED = 30;
/** What a self-check fuses with: from lexical search alone to dense search alone. */
export const WEIGHTS: readonly number[] = [
  ...Array.from({ length: 20 }, (_, at) => at / 20),
  // However good the dense leg is, words still bring in what it alone would leave out.
  0.98,
  1,
];
const MOST_WEIGHT = WEIGHTS.length - 2;

/** Whether a question found what it is for, with each of `WEIGHTS`. */
export type FoundAt = readonly boolean[];

export interface HitRates {
  readonly lexical: number;
  readonly dense: number;
  /** With the weight that was chosen. */
  readonly hybrid: number;
}

export interface Weighed {
  readonly weight: number;
  /** NaN where nothing was asked. */
  readonly hitRates: HitRates;
}

/**
 * What the dense leg weighs in fusion, from 0 (off) to nearly 1, by which questions found what they are for with each
 * weight. Chance makes one of many weights look best, so that all count as good whose hit rate lies within the standard error
 * of its difference to the best. Of these it is the one that is nearest to the leg that is better by itself, for that is
 * what fusion must not fall behind: all the way back to lexical search, half the way to dense search, because hiding the
 * words costs the lexical leg more. Where neither is better, it is the one nearest to the weight of the start.
 * Chosen on CACM and SQuAD: `npm run bench -- fusion`.
 */
export function denseWeight(found: readonly FoundAt[]): Weighed {
  const chosen = found.length < LEAST_ASKED ? WEIGHTS.indexOf(START_WEIGHT) : choose(found);
  const rateAt = (at: number) => found.filter((each) => each[at] === true).length / found.length;
  return {
    weight: WEIGHTS[chosen] ?? START_WEIGHT,
    hitRates: { lexical: rateAt(0), dense: rateAt(WEIGHTS.length - 1), hybrid: rateAt(chosen) },
  };
}

function choose(found: readonly FoundAt[]): number {
  const places = WEIGHTS.keys().toArray();
  const hits = places.map((at) => found.filter((each) => each[at] === true).length);
  const best = hits.indexOf(Math.max(...hits));
  const leg = compare(found, WEIGHTS.length - 1, 0);
  const isDenseBetter = leg.difference > leg.error;
  const isLexicalBetter = -leg.difference > leg.error;
  const anchor = isDenseBetter ? 1 : isLexicalBetter ? 0 : START_WEIGHT;
  const errors = isDenseBetter ? 0.5 : 1;
  const good = places.slice(0, MOST_WEIGHT + 1).filter((at) => {
    const { difference, error } = compare(found, best, at);
    return difference <= errors * error;
  });
  const farness = (at: number) => Math.abs((WEIGHTS[at] ?? 0) - anchor);
  return good.toSorted((a, b) => farness(a) - farness(b))[0] ?? MOST_WEIGHT;
}

/** By how much the hit rate with one weight exceeds that with another, and the standard error of that over these questions. */
function compare(found: readonly FoundAt[], one: number, other: number) {
  const count = found.length;
  const gained = found.filter((each) => each[one] === true && each[other] !== true).length;
  const lost = found.filter((each) => each[one] !== true && each[other] === true).length;
  const difference = (gained - lost) / count;
  const error = Math.sqrt(((gained + lost) / count - difference ** 2) / (count - 1));
  return { difference, error };
}
