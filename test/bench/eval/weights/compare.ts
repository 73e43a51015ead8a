import { mean } from '../metrics.ts';
import type { Measured } from './measure.ts';

export interface Change {
  readonly figure: string;
  readonly before: number;
  readonly after: number;
  /** By a sign test over the questions whose value changed: at 5 % chance would seldom give as many of one side. */
  readonly verdict: 'better' | 'worse' | 'open';
}

export interface Comparison {
  /** How many of all searches and answers are others. */
  readonly changed: number;
  /** The figures that are others. */
  readonly changes: readonly Change[];
}

export function compare(before: Measured, after: Measured): Comparison {
  const changes = Object.entries(before.figures).map(([figure, values]): Change => {
    const others = after.figures[figure] ?? [];
    return {
      figure,
      before: mean(values),
      after: mean(others),
      verdict: verdictOf(values.map((value, at) => (others[at] ?? 0) - value)),
    };
  });
  return {
    changed: before.given.filter((given, at) => given !== after.given[at]).length,
    changes: changes.filter((change) => change.before !== change.after),
  };
}

/** The normal form of the sign test: 1.96 standard deviations. */
const CLEAR = 1.96;

function verdictOf(differences: readonly number[]): Change['verdict'] {
  const better = differences.filter((difference) => difference > 0).length;
  const worse = differences.filter((difference) => difference < 0).length;
  if (Math.abs(better - worse) < CLEAR * Math.sqrt(better + worse) || better === worse) return 'open';
  return better > worse ? 'better' : 'worse';
}
