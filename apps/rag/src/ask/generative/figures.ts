import { isFunctionWord } from '@xnai/text/analyse';
import { stemOf } from '../text/words.ts';

/** A number of a text with the word after it, as in "20 MB" or "three times". */
export interface Figure {
  readonly value: string;
  /** The stem of that word, unless it is one that says nothing. */
  readonly unit: string | undefined;
  readonly isSpelt: boolean;
}

const DIGITS = /(?<![\p{L}\p{N}_.])([-−]?\d+(?:[.,]\d+)*)(?:[\s-]?([\p{L}%°]+))?/gu;
const SPELT: ReadonlyMap<string, number> = new Map(
  'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, index): [string, number] => [word, index + 2])
    .concat(
      'twenty thirty forty fifty sixty seventy eighty ninety hundred'
        .split(' ')
        .map((word, i) => [word, 20 + 10 * i]),
    ),
);
const SPELT_FIGURE = new RegExp(String.raw`\b(${[...SPELT.keys()].join('|')})\b(?:\s+(\p{L}+))?`, 'giu');
/** A number with one of these means nothing without it. */
const MEASURES = new Set(
  'b kb mb gb tb pb kib mib gib tib kbit mbit gbit ms s min h d mm cm m km mg g kg t ml l hz khz mhz ghz v kv ma w kw mw % °'.split(
    ' ',
  ),
);

/** The numbers of a text, thousands without their commas. */
export function figuresOf(text: string): readonly Figure[] {
  const digits = [...text.matchAll(DIGITS)].map(([, number = '', unit]) => ({
    value: number.replace('−', '-').replace(/[.,](?=\d{3}(?!\d))/g, ''),
    unit: unitOf(unit),
    isSpelt: false,
  }));
  const spelt = [...text.matchAll(SPELT_FIGURE)].map(([, word = '', unit]) => ({
    value: String(SPELT.get(word.toLowerCase())),
    unit: unitOf(unit),
    isSpelt: true,
  }));
  return [...digits, ...spelt];
}

function unitOf(word: string | undefined): string | undefined {
  return word === undefined || isFunctionWord(word, 'en') ? undefined : stemOf(word);
}

/**
 * Whether the source holds every number of the claim, with the same unit. A number in words may count the items of a
 * list in the source; it fails only where the source states another number.
 */
export function holdsFigures(claimed: readonly Figure[], source: readonly Figure[]): boolean {
  return claimed.every(({ value, unit, isSpelt }) => {
    const same = source.filter((figure) => figure.value === value);
    if (same.some((figure) => unit === undefined || figure.unit === unit)) return true;
    const isMeasured = unit !== undefined && source.some((figure) => figure.unit === unit);
    if (isSpelt) return !isMeasured;
    return same.length > 0 && !isMeasured && !(unit !== undefined && MEASURES.has(unit));
  });
}
