import { plainName } from '../inline/plain-text.ts';
import { trimEnd } from '../span.ts';
import { type Cursor, cursorAt, indentOf, isBlank, lineAt, restOf } from './cursor.ts';
import { closesFence, isOption, matchFrames, openFrame } from './frames.ts';
import {
  closeFrames,
  closeLeaf,
  enter,
  openIndentedCode,
  openLeaf,
  readParagraph,
  readVerbatim,
} from './leaves.ts';
import { skipLinkDefinitions } from './link-definitions.ts';
import { claimStart, push, pushHeading, type Scan, topFrame } from './scan.ts';
import { cellSpans, columnsOfRule, rowOf } from './table.ts';

/** Adds the blocks of CommonMark and its common extensions from `start` on, line by line, in linear time. */
export function readLines(scan: Scan, start: number): void {
  const { text } = scan;
  for (let line = lineAt(text, start); line.start < text.length; line = lineAt(text, line.next)) {
    readLine(scan, cursorAt(text, line));
  }
  closeFrames(scan, 1);
}

function readLine(scan: Scan, cursor: Cursor): void {
  scan.quoteMark = undefined;
  const matched = matchFrames(scan, cursor);
  const closed = closesFence(scan, cursor, matched);
  if (closed !== undefined) {
    closeFrames(scan, closed);
    return;
  }
  const isInside = matched === scan.frames.length;
  if (isInside && (isOption(topFrame(scan), cursor) || readVerbatim(scan, cursor))) return;
  const depth = openBlocks(scan, cursor, matched);
  if (depth === undefined) return;
  if (isBlank(cursor)) closeFrames(scan, depth);
  else readText(scan, cursor, depth);
}

/** How many containers the rest of the line lies in; undefined where a block takes it whole. */
function openBlocks(scan: Scan, cursor: Cursor, matched: number): number | undefined {
  let depth = matched;
  while (!isBlank(cursor) && indentOf(cursor) < 4) {
    const inParagraph = depth === scan.frames.length && scan.leaf?.kind === 'paragraph';
    if (readRule(scan, cursor, depth, inParagraph)) return undefined;
    if (openFrame(scan, cursor, depth, inParagraph)) depth = scan.frames.length;
    else if (openLeaf(scan, cursor, depth)) return undefined;
    else break;
  }
  return depth;
}

function readText(scan: Scan, cursor: Cursor, depth: number): void {
  const { leaf } = scan;
  // A paragraph goes on even where the marks of its containers are left out ("lazy continuation").
  if (leaf?.kind === 'paragraph') readParagraph(scan, cursor, depth);
  else if (indentOf(cursor) >= 4) openIndentedCode(scan, cursor, depth);
  else if (leaf?.kind === 'table' && depth === scan.frames.length) readRow(scan, cursor, leaf.table);
  else readParagraph(scan, cursor, depth);
}

const THEMATIC_BREAK = /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const MAX_RULE_CHARS = 1000;

/** The rule of a table, the line below a heading, or a break between parts. */
function readRule(scan: Scan, cursor: Cursor, depth: number, inParagraph: boolean): boolean {
  if (!/[-=*_|:]/.test(cursor.text.charAt(cursor.next))) return false;
  if (inParagraph && (openTable(scan, cursor) || underlineHeading(scan, cursor))) return true;
  if (cursor.end - cursor.next > MAX_RULE_CHARS || !THEMATIC_BREAK.test(restOf(cursor))) return false;
  enter(scan, depth);
  return true;
}

function underlineHeading(scan: Scan, cursor: Cursor): boolean {
  const { leaf, text } = scan;
  if (leaf?.kind !== 'paragraph' || !/^(?:=+|-+)[ \t]*$/.test(restOf(cursor))) return false;
  const bodyStart = skipLinkDefinitions(text, leaf.bodyStart, leaf.end);
  if (bodyStart >= leaf.end) return false;
  scan.leaf = undefined;
  topFrame(scan).list = undefined;
  const start = bodyStart === leaf.bodyStart ? leaf.start : bodyStart;
  const span = { start, bodyStart, bodyEnd: leaf.end, end: trimEnd(text, cursor.next, cursor.end) };
  pushHeading(scan, text[cursor.next] === '=' ? 1 : 2, span);
  return true;
}

/** A table begins where the last line of a paragraph has as many cells as this line has rules. */
function openTable(scan: Scan, cursor: Cursor): boolean {
  const { leaf, text } = scan;
  const columns = columnsOfRule(restOf(cursor));
  if (columns === 0 || leaf?.kind !== 'paragraph') return false;
  const { lastLine, lines } = leaf;
  const header = { start: lastLine, end: leaf.end };
  const cells = cellSpans(text, header.start, header.end);
  if (cells.length !== columns || !text.slice(header.start, header.end).includes('|')) return false;
  scan.leaf = undefined;
  if (lines > 1) {
    scan.leaf = { ...leaf, end: leaf.lineBeforeEnd, lines: lines - 1 };
    closeLeaf(scan);
  } else header.start = leaf.start;
  const table =
    scan.tables.push({
      columns: cells.map(({ start, end }) => plainName('markdown', text.slice(start, end))),
    }) - 1;
  push(scan, rowOf(table, true, cells, header));
  scan.leaf = { kind: 'table', table };
  return true;
}

function readRow(scan: Scan, cursor: Cursor, table: number): void {
  const { text, next } = cursor;
  const end = trimEnd(text, next, cursor.end);
  // A no-break space is no blank line of Markdown, and no row to read.
  if (end <= next) return;
  const cells = cellSpans(text, next, end);
  push(scan, rowOf(table, false, cells, { start: claimStart(scan, next), end }));
}
