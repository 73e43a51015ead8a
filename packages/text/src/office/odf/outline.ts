import { attribute, elements, find, type XmlElement } from '../../container/parse-xml.ts';
import { formatNumber, type NumberFormat } from '../../format-number.ts';

/** Counts headings: the words before the next one of a level, from 1; undefined where the program shows none. */
export type Outline = (level: number) => string | undefined;

/** The numbers of chapters as the styles of a text define them. */
export function readOutline(styles: XmlElement | undefined): Outline {
  const levels = new Map(
    elements(find(styles, 'styles', 'outline-style')).map((level) => [attribute(level, 'level'), level]),
  );
  const counts: number[] = [];
  const formatOf = (level: number) => attribute(levels.get(String(level)), 'num-format') ?? '';
  return (level) => {
    const own = levels.get(String(level));
    counts[level - 1] = (counts[level - 1] ?? Number(attribute(own, 'start-value') ?? 1) - 1) + 1;
    counts.length = level;
    if (own === undefined || formatOf(level) === '') return undefined;
    const first = level - Number(attribute(own, 'display-levels') ?? 1) + 1;
    const numbers = counts
      .map((count, index) => ({ count: count ?? 1, format: formatOf(index + 1) }))
      .filter(({ format }, index) => index + 1 >= first && format !== '')
      .map(({ count, format }) => formatNumber(count, format as NumberFormat));
    return `${attribute(own, 'num-prefix') ?? ''}${numbers.join('.')}${attribute(own, 'num-suffix') ?? ''}`;
  };
}
