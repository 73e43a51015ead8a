import type { Element } from './layout.ts';
import type { Line } from './line-parts.ts';
import type { Font } from './load-page.ts';
import { isHeadingOf, type Outline } from './outline.ts';

/** How a document is set: what its body looks like, and so what stands out from it. */
export interface Style {
  readonly bodySize: number;
  /** Distance of two lines of a paragraph, as a multiple of the size of the letters. */
  readonly leading: number;
  /** Words of the document in small letters, to tell a divided word from a compound. */
  readonly words: ReadonlySet<string>;
  /** Whether tags say which lines are headings. */
  readonly hasHeadingTags: boolean;
  isCodeFont(font: Font): boolean;
  isCode(line: Line): boolean;
  /** Level by the outline or by the look; undefined when the line does not stand out. */
  headingLevel(line: Line, page: number): number | undefined;
}

export function styleOf(elements: readonly Element[], outline: Outline, hasHeadingTags: boolean): Style {
  const lines = elements.flatMap((one) => (one.kind === 'line' ? [one.line] : one.table.cells.flat(2)));
  const letters = sumOf(lines, ({ text }) => text.length);
  const isCodeFont = codeFonts(lines, letters);
  const prose = lines.filter((line) => !isCode(line, isCodeFont));
  const bodySize =
    mostly((prose.length > 0 ? prose : lines).map(({ size, text }) => [half(size), text.length])) ?? 10;
  const isBoldBody = sumOf(lines, ({ isBold, text }) => (isBold ? text.length : 0)) > letters / 2;
  const standsOut = (line: Line) =>
    isWordy(line.text) &&
    (line.size > 1.12 * bodySize || (line.isBold && !isBoldBody && isTitle(line, bodySize)));
  const levels = levelsOf(elements, outline, (line) => standsOut(line) && !isCode(line, isCodeFont));
  return {
    bodySize,
    leading: leadingOf(elements, bodySize),
    words: new Set(lines.flatMap(({ text }) => text.toLowerCase().match(/\p{L}[\p{L}-]*\p{L}/gu) ?? [])),
    hasHeadingTags,
    isCodeFont,
    isCode: (line) => isCode(line, isCodeFont),
    headingLevel: (line, page) =>
      isHeadingOf(outline, page, line.text) ?? (standsOut(line) ? levels.get(look(line)) : undefined),
  };
}

/** Fonts of equal width mean code, but not where all is set in them, nor where all letters are as wide: 日本. */
function codeFonts(lines: readonly Line[], letters: number): (font: Font) => boolean {
  const used = new Map<string, { all: number; other: number }>();
  for (const { text, font } of lines.flatMap(({ runs }) => runs)) {
    if (!font.isFixedPitch) continue;
    const count = used.get(font.name) ?? { all: 0, other: 0 };
    count.all += text.length;
    count.other += text.match(/[^\x20-\x7e]/g)?.length ?? 0;
    used.set(font.name, count);
  }
  const fixed = sumOf([...used.values()], ({ all }) => all);
  const names = [...used].filter(([, { all, other }]) => other < 0.3 * all).map(([name]) => name);
  const found = new Set(fixed > 0.8 * letters ? [] : names);
  return ({ name, isFixedPitch }) => isFixedPitch && found.has(name);
}

function isCode({ runs, isFixedPitch }: Line, isCodeFont: (font: Font) => boolean): boolean {
  return isFixedPitch && runs.every(({ font, text }) => isCodeFont(font) || !/[\p{L}\p{N}]{3}/u.test(text));
}

function isWordy(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters > 1 && letters >= 0.5 * text.replace(/\s/g, '').length && text.length < 200;
}

function isTitle({ text, size }: Line, bodySize: number): boolean {
  return size > 0.95 * bodySize && text.length < 120 && !/[.,;:]$/.test(text);
}

function look({ size, isBold }: Line): string {
  return `${half(size).toFixed(1)}${isBold ? 'b' : ''}`;
}

/** The outline says which look has which level; others are placed between them by their size. */
function levelsOf(elements: readonly Element[], outline: Outline, standsOut: (line: Line) => boolean) {
  const votes = new Map<string, (readonly [number, number])[]>();
  for (const element of elements) {
    if (element.kind !== 'line') continue;
    const level = isHeadingOf(outline, element.page, element.line.text);
    if (level === undefined && !standsOut(element.line)) continue;
    const key = look(element.line);
    const known = votes.get(key) ?? [];
    votes.set(key, level === undefined ? known : [...known.slice(-100), [level, 1]]);
  }
  const looks = [...votes].sort(
    ([a], [b]) => Number.parseFloat(b) - Number.parseFloat(a) || b.length - a.length,
  );
  const voted = looks.map(([, list]) => mostly(list));
  const levels = new Map<string, number>();
  let level = 0;
  for (const [index, [key]] of looks.entries()) {
    const next = voted.slice(index).find((one) => one !== undefined) ?? 6;
    level = voted[index] ?? Math.max(1, Math.min(level + 1, next));
    levels.set(key, level);
  }
  return levels;
}

function leadingOf(elements: readonly Element[], bodySize: number): number {
  const distances = elements.flatMap((element, index): (readonly [number, number])[] => {
    const before = elements[index - 1];
    if (element.kind !== 'line' || before?.kind !== 'line' || before.region !== element.region) return [];
    const distance = (element.y - before.y) / element.line.size;
    const isBody = half(element.line.size) === bodySize && half(before.line.size) === bodySize;
    return isBody && distance > 0.8 && distance < 3 ? [[Math.round(distance * 20) / 20, 1]] : [];
  });
  return mostly(distances) ?? 1.2;
}

function half(size: number): number {
  return Math.round(size * 2) / 2;
}

function sumOf<T>(values: readonly T[], amount: (value: T) => number): number {
  return values.reduce((sum, value) => sum + amount(value), 0);
}

/** The value with the greatest weight in all. */
function mostly(weighted: readonly (readonly [value: number, weight: number])[]): number | undefined {
  const sums = new Map<number, number>();
  for (const [value, weight] of weighted) sums.set(value, (sums.get(value) ?? 0) + weight);
  return [...sums].sort(([, a], [, b]) => b - a)[0]?.[0];
}
