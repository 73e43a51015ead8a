import { fold } from './fold.ts';
import type { Term } from './term.ts';

/** One letter of Han or Kana; the half-width forms write their sound mark beside it. */
const UNIT = /[\uFF66-\uFF9D][\uFF9E\uFF9F]?|\P{M}\p{M}*/gu;

const PLAIN = /^[\u3041-\u3096\u30A1-\u30FC\u4E00-\u9FFF]$/;

/** Overlapping pairs of a run of Han and Kana, which has no spaces between words; a single letter stays alone. */
export function pairsOf(run: string, offset: number): readonly Term[] {
  const units = [...run.matchAll(UNIT)].map((match) => ({
    term: PLAIN.test(match[0]) ? match[0] : fold(match[0]),
    start: offset + match.index,
    end: offset + match.index + match[0].length,
    isPart: false,
  }));
  if (units.length === 1) return units;
  return units.slice(1).flatMap((unit, index) => {
    const first = units[index];
    return first === undefined ? [] : [{ ...unit, term: first.term + unit.term, start: first.start }];
  });
}

const segmenter = new Intl.Segmenter('th', { granularity: 'word' });
/** Words are looked for within this many characters at a time, so that the time grows with the length alone. */
const WINDOW = 1_000;

/** The words of a run of Thai, Lao, Khmer or Burmese, by the dictionaries of ICU. */
export function segmentsOf(run: string, offset: number): readonly Term[] {
  const terms: Term[] = [];
  for (let from = 0; from < run.length; from += WINDOW) {
    for (const { segment, index, isWordLike } of segmenter.segment(run.slice(from, from + WINDOW))) {
      if (isWordLike !== true) continue;
      const start = offset + from + index;
      terms.push({ term: fold(segment), start, end: start + segment.length, isPart: false });
    }
  }
  return terms;
}
