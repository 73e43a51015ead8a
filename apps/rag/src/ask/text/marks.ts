const CODE = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)/;
const MARK = /\[(\d{1,3})\]/g;
const NUMBER = String.raw`(?:sources?\s*)?\d{1,3}`;
/** As models write them too: `[1, 2]`, `[1-3]`, `[source 1]`, `【1】`. */
const LOOSE_MARK = new RegExp(
  String.raw`\[(${NUMBER}(?:\s*(?:[,;&–-]|and)\s*${NUMBER})*)\]|【(\d{1,3})(?:†[^】\n]*)?】`,
  'gi',
);

/** The numbers that a text cites as `[n]`, each once. */
export function citedIn(text: string): readonly number[] {
  return [...new Set(marksIn(text).map(({ number }) => number))];
}

export interface Mark {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** The marks `[n]` of a text in their order. Code is left out: brackets there are indexes. */
export function marksIn(text: string): readonly Mark[] {
  const marks: Mark[] = [];
  let from = 0;
  for (const [index, part] of text.split(CODE).entries()) {
    if (index % 2 === 0) {
      for (const { 0: mark, 1: number, index: at } of part.matchAll(MARK))
        marks.push({ number: Number(number), start: from + at, end: from + at + mark.length });
    }
    from += part.length;
  }
  return marks;
}

export function withoutMarks(text: string): string {
  return text.replace(MARK, ' ');
}

/** Counting of citations begins with 1, and what is called or has members is an element of a list. */
const IS_INDEX = /^\[0\]|^\[\d+\](?=[(=]|\.\w)/;

/**
 * A source's own footnote marks, put so that they are not taken for those of an answer. Code stays as it is, and so do
 * the indexes of code outside of code spans.
 */
export function disarmMarks(text: string): string {
  return inProse(text, (prose) =>
    prose.replace(LOOSE_MARK, (mark, ...rest) => {
      const at: number = rest[2];
      const isIndex =
        /[\w)]$/.test(prose.slice(0, at)) && IS_INDEX.test(mark + prose.slice(at + mark.length));
      return isIndex ? mark : `(${mark.slice(1, -1)})`;
    }),
  );
}

/** Writes all marks as `[n]`. Numbers outside the list of sources may be an interval or an index, and stay. */
export function plainMarks(answer: string, sources: number): string {
  const plain = (mark: string, list: string | undefined, single: string | undefined) => {
    const numbers = numbersOf(list ?? single ?? '');
    const isInRange = numbers.length > 0 && numbers.every((n) => n >= 1 && n <= sources);
    return isInRange ? numbers.map((n) => `[${n}]`).join('') : mark;
  };
  return inProse(answer, (prose) => prose.replace(LOOSE_MARK, plain));
}

function inProse(text: string, change: (prose: string) => string): string {
  return text
    .split(CODE)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join('');
}

function numbersOf(list: string): readonly number[] {
  return list.split(/[,;&]|and/i).flatMap((part) => {
    const [first = 0, last = first] = [...part.matchAll(/\d+/g)].map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
  });
}
