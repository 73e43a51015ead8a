import { attribute, elements, find, parseXml, textOf, type XmlElement } from '../../container/parse-xml.ts';
import type { RepeatBudget } from '../../repeat-budget.ts';
import type { SheetCell, SheetRow } from '../../tables/write-sheet.ts';
import type { Format } from './number-format.ts';

export interface Sheet {
  /** Rows with something in them. */
  readonly rows: SheetRow[];
  readonly hiddenChars: number;
}

export interface SheetValues {
  readonly strings: readonly string[];
  /** By the number of a cell's style. */
  readonly formats: readonly Format[];
}

/** Reads one sheet row by row, so that empty rows and cells cost nothing but their time. */
export function readSheet(bytes: Uint8Array, values: SheetValues, repeats: RepeatBudget): Sheet {
  const rows: SheetRow[] = [];
  let hiddenChars = 0;
  let number = 0;
  let hiddenColumns: readonly (readonly [number, number])[] | undefined;
  const each = (row: XmlElement, root: XmlElement) => {
    number = Number(attribute(row, 'r') ?? number + 1);
    if (row.children.length === 0) return;
    hiddenColumns ??= readHiddenColumns(root);
    const cells = new Map<number, SheetCell>();
    let column = -1;
    for (const element of elements(row, 'c')) {
      column = columnOf(attribute(element, 'r')) ?? column + 1;
      const cell = readCell(element, values);
      if (cell.text === '') continue;
      repeats.allowFor(cell.text);
      const isHidden =
        attribute(row, 'hidden') === '1' ||
        hiddenColumns.some(([min, max]) => column >= min && column <= max);
      if (isHidden) hiddenChars += cell.text.length;
      else cells.set(column, cell);
    }
    if (cells.size > 0) rows.push({ number, cells });
  };
  const root = parseXml(bytes, { of: 'sheetData', each });
  const places = new Map(rows.map((row, at) => [row.number, at]));
  for (const merge of elements(find(root, 'mergeCells'), 'mergeCell'))
    fillDown(attribute(merge, 'ref') ?? '', { rows, places, repeats });
  return { rows, hiddenChars };
}

function readHiddenColumns(root: XmlElement): [number, number][] {
  return elements(find(root, 'worksheet', 'cols'), 'col')
    .filter((column) => attribute(column, 'hidden') === '1')
    .map((column) => [Number(attribute(column, 'min')) - 1, Number(attribute(column, 'max')) - 1]);
}

function readCell(element: XmlElement, { strings, formats }: SheetValues): SheetCell {
  const type = attribute(element, 't') ?? 'n';
  const value = textOf(find(element, 'v'));
  const formula = textOf(find(element, 'f'));
  if (type === 'inlineStr') return { text: richText(find(element, 'is')), isNumber: false };
  if (type === 's') return { text: strings[Number(value)] ?? '', isNumber: false };
  if (type === 'b') return { text: value === '1' ? 'TRUE' : 'FALSE', isNumber: false };
  // A program that wrote a formula but did not work it out leaves no value.
  if (value === '') return { text: formula === '' ? '' : `=${formula}`, isNumber: formula !== '' };
  if (type === 'd')
    return { text: value.replace(/T00:00:00(?:\.0+)?Z?$/, '').replace('T', ' '), isNumber: true };
  if (type !== 'n') return { text: value, isNumber: false };
  const number = Number(value);
  const format = formats[Number(attribute(element, 's') ?? 0)];
  return { text: Number.isNaN(number) ? value : (format?.(number) ?? value), isNumber: true };
}

/** Text of a shared or inline string, without the reading aids of Japanese. */
export function richText(element: XmlElement | undefined): string {
  return elements(element)
    .map((child) => (child.name === 't' ? textOf(child) : child.name === 'r' ? textOf(find(child, 't')) : ''))
    .join('');
}

/** Column of a reference such as "AB12", from 0. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^\$?([A-Z]{1,3})/.exec(reference ?? '')?.[1];
  if (letters === undefined) return undefined;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

interface Merging {
  readonly rows: readonly SheetRow[];
  /** Index of a row by its number. */
  readonly places: ReadonlyMap<number, number>;
  readonly repeats: RepeatBudget;
}

/** A cell that is merged with those below stands in each row, so that every row can be read on its own. */
function fillDown(range: string, { rows, places, repeats }: Merging): void {
  const [first, last] = range.split(':').map((reference) => Number(/\d+/.exec(reference)?.[0]));
  const column = columnOf(range);
  if (first === undefined || last === undefined || column === undefined) return;
  const start = places.get(first) ?? rows.length;
  const cell = rows[start]?.cells.get(column);
  if (cell === undefined) return;
  for (let at = start + 1; (rows[at]?.number ?? Infinity) <= last; at++) {
    const text = repeats.repeat(cell.text);
    if (text === undefined) return;
    if (text !== '') rows[at]?.cells.set(column, { ...cell, text });
  }
}
