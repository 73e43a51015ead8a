import type { NumberFormat } from '../format-number.ts';
import { indentOf, isBlank, takeIndented, takeMarked } from './lines.ts';
import { type Nesting, type Rst, readWithin, splitFirst, toText, writeTerm } from './rst.ts';

const BULLET = /^[-*+•‣⁃](?: +|$)/;
const NUMBER = /^\(?(\d+|[a-zA-Z]|[ivxlc]+|[IVXLC]+|#)([.)])(?: +|$)/;
const FIELD = /^:((?:[^:\\]|\\.|:(?!\s|$))+):(?: +|$)/;
const OPTION =
  /^(?:-\w|--[\w-]+|\/[A-Z])(?:[ =][\w<>.-]+)?(?:, (?:-\w|--[\w-]+)(?:[ =][\w<>.-]+)?)*(?= {2}|$)/;

/** Bullet and numbered lists. */
export function readItems(
  rst: Rst,
  lines: readonly string[],
  at: number,
  { depth }: Nesting,
): number | undefined {
  const kind = [BULLET, NUMBER].find((pattern) => isItem(lines, at, pattern));
  if (kind === undefined) return undefined;
  const list = rst.writer.openList();
  const format = formatOf(kind.exec(lines[at] ?? '')?.[1]);
  let next = at;
  let count = 0;
  while (next < lines.length) {
    const marker = kind.exec(lines[next] ?? '');
    if (marker === null || !isItem(lines, next, kind)) break;
    const stated = Number(marker[1]);
    const ordinal = kind === BULLET ? undefined : Number.isInteger(stated) ? stated : count + 1;
    count = ordinal ?? 0;
    const taken = takeMarked(lines, next, marker[0].length);
    const { text, rest } = splitFirst(rst, taken.lines);
    const item = rst.writer.item(text, { list, depth: rst.itemDepth, ordinal, format });
    rst.itemDepth += 1;
    readWithin(rst, item, { lines: rest, depth });
    rst.itemDepth -= 1;
    next = taken.next;
  }
  return next;
}

/** By the first marker of a list: "i" and "I" begin Roman numbers. */
function formatOf(marker = '1'): NumberFormat {
  if (/^i/i.test(marker)) return marker.startsWith('i') ? 'i' : 'I';
  return /^[a-z]$/.test(marker) ? 'a' : /^[A-Z]$/.test(marker) ? 'A' : '1';
}

/** A number in prose may stand at the start of a line: an item goes on indented, or ends. */
function isItem(lines: readonly string[], at: number, kind: RegExp): boolean {
  const next = lines[at + 1];
  return kind.test(lines[at] ?? '') && (isBlank(next) || indentOf(next ?? '') > 0 || kind.test(next ?? ''));
}

/** Fields, options and definitions. Fields at the start of a document tell about it. */
export function readTerms(
  rst: Rst,
  lines: readonly string[],
  at: number,
  place: Nesting,
): number | undefined {
  const line = lines[at] ?? '';
  const field = FIELD.exec(line);
  if (field !== null) return readField(rst, lines, at, { place, marker: field[0], name: field[1] ?? '' });
  const option = OPTION.exec(line);
  const isTerm = indentOf(line) === 0 && !isBlank(lines[at + 1]) && indentOf(lines[at + 1] ?? '') > 0;
  if (option === null && !isTerm) return undefined;
  const body = option === null ? takeIndented(lines, at + 1) : takeMarked(lines, at, option[0].length);
  if (option !== null && body.lines.length === 0) return undefined;
  const term = option === null ? toText(rst, line.replace(/ : .*$/, '')) : `\`${option[0]}\``;
  writeTerm(rst, term, body.lines, place.depth);
  return body.next;
}

function readField(
  rst: Rst,
  lines: readonly string[],
  at: number,
  { place, marker, name }: { place: Nesting; marker: string; name: string },
): number {
  const { lines: body, next } = takeMarked(lines, at, marker.length);
  const term = toText(rst, name);
  if (place.isTop) rst.writer.metadata(term, toText(rst, body.join(' ')));
  else writeTerm(rst, term, body, place.depth);
  return next;
}
