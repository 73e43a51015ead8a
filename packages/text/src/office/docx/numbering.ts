import { attribute, elements, find, type XmlElement } from '../../container/parse-xml.ts';
import { formatNumber, type NumberFormat } from '../../format-number.ts';

/** What stands before a numbered paragraph. */
export interface Label {
  /** A number with marks around it makes an item; by words such as "4.2" or "Article 4" other places refer to it. */
  readonly kind: 'bullet' | 'number' | 'words';
  /** As shown: "3.", "c)", "4.2"; empty for a bullet. */
  readonly text: string;
  readonly ordinal: number;
  readonly format: NumberFormat;
}

export interface Numbering {
  /** The label of the next paragraph of a list, which it counts. Undefined where none is shown. */
  next(list: string, level: number): Label | undefined;
  /** Level of a list that is bound to a paragraph style. */
  levelOf(list: string, style: string | undefined): number;
}

interface Level {
  readonly format: string;
  readonly text: string;
  readonly start: number;
  readonly style: string | undefined;
}

interface List {
  /** Lists with one key count together. */
  readonly key: string;
  readonly levels: readonly Level[];
  readonly restarts: ReadonlyMap<number, number>;
}

/** By the names of Office (ST_NumberFormat). */
const FORMATS: Readonly<Record<string, NumberFormat>> = {
  decimalZero: '01',
  lowerLetter: 'a',
  upperLetter: 'A',
  lowerRoman: 'i',
  upperRoman: 'I',
};

const numberFormat = (name = 'decimal'): NumberFormat => FORMATS[name] ?? '1';

const NO_LEVEL: Level = { format: 'none', text: '', start: 1, style: undefined };

/** Counts as `numbering.xml` says (ECMA-376 part 1, 17.9). */
export function readNumbering(root: XmlElement | undefined): Numbering {
  const lists = readLists(root);
  const counts = new Map<string, number[]>();
  const started = new Set<string>();
  return {
    next(id, level) {
      const list = lists.get(id);
      if (list === undefined) return undefined;
      const count = counts.get(list.key) ?? [];
      counts.set(list.key, count);
      const restart = started.has(id) ? undefined : list.restarts.get(level);
      started.add(id);
      const start = Math.trunc(restart ?? list.levels[level]?.start ?? 1) || 0;
      count[level] = restart === undefined && count[level] !== undefined ? count[level] + 1 : start;
      count.length = level + 1;
      return labelOf(list, level, count);
    },
    levelOf: (id, style) =>
      Math.max(0, lists.get(id)?.levels.findIndex((level) => level.style === style) ?? 0),
  };
}

function readLists(root: XmlElement | undefined): Map<string, List> {
  const abstract = new Map(
    elements(root, 'abstractNum').map((each) => [attribute(each, 'abstractNumId') ?? '', each]),
  );
  const lists = elements(root, 'num').map((num): [string, List] => {
    const key = attribute(find(num, 'abstractNumId'), 'val') ?? '';
    const levels = elements(abstract.get(key), 'lvl').map(readLevel);
    const overrides = elements(num, 'lvlOverride');
    for (const each of overrides) {
      const level = find(each, 'lvl');
      if (level !== undefined) levels[Number(attribute(each, 'ilvl'))] = readLevel(level);
    }
    const restarts = overrides.flatMap((each): [number, number][] => {
      const start = attribute(find(each, 'startOverride'), 'val');
      return start === undefined ? [] : [[Number(attribute(each, 'ilvl')), Number(start)]];
    });
    return [attribute(num, 'numId') ?? '', { key, levels, restarts: new Map(restarts) }];
  });
  return new Map(lists);
}

function readLevel(level: XmlElement): Level {
  return {
    format: attribute(find(level, 'numFmt'), 'val') ?? 'decimal',
    text: attribute(find(level, 'lvlText'), 'val') ?? '',
    start: Number(attribute(find(level, 'start'), 'val') ?? 1),
    style: attribute(find(level, 'pStyle'), 'val'),
  };
}

function labelOf({ levels }: List, level: number, count: readonly number[]): Label | undefined {
  const { format, text } = levels[level] ?? NO_LEVEL;
  const ordinal = count[level] ?? 1;
  if (format === 'none' || text.trim() === '') return undefined;
  if (format === 'bullet') return { kind: 'bullet', text: '', ordinal, format: '1' };
  const shown = text.replace(/%(\d)/g, (_, digit: string) => {
    const at = Number(digit) - 1;
    return formatNumber(count[at] ?? levels[at]?.start ?? 1, numberFormat(levels[at]?.format));
  });
  return {
    kind: /^\W?%\d\W?$/.test(text) ? 'number' : 'words',
    text: shown,
    ordinal,
    format: numberFormat(format),
  };
}
