import type { Nodes, Parents, Root, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { toString as toPlainText } from 'mdast-util-to-string';
import { gfmTable } from 'micromark-extension-gfm-table';
import { trimEnd } from '../span.ts';
import type { Block, UnitBlock } from './block.ts';
import { TARGET_CHARS } from './chunk.ts';
import { inlineText } from './inline-text.ts';
import { plainBlocks } from './plain-blocks.ts';
import { scanBlocks } from './scan-blocks.ts';
import { type Segment, segmentMarkdown } from './segment.ts';

/** Headings, paragraphs, list items, code blocks and table rows of CommonMark with GFM tables. */
export function markdownBlocks(text: string): Block[] {
  return segmentMarkdown(text).flatMap((segment) => segmentBlocks(text, segment));
}

/** Only the block structure matters here, and inline markup is where the parser's time goes. */
const BLOCKS_ONLY = {
  disable: {
    null: [
      'attention',
      'autolink',
      'characterEscape',
      'characterReference',
      'codeText',
      'definition',
      'hardBreakEscape',
      'htmlText',
      'labelEnd',
      'labelStartImage',
      'labelStartLink',
    ],
  },
};
/** Longer bold text is a paragraph, not a heading. */
const MAX_HEADING_CHARS = 500;
const OPTIONS = { extensions: [gfmTable(), BLOCKS_ONLY], mdastExtensions: [gfmTableFromMarkdown()] };

function segmentBlocks(text: string, segment: Segment): Block[] {
  const { kind, start, end } = segment;
  switch (kind) {
    case 'plain':
      return plainBlocks(text, start, end);
    case 'code':
      return [{ type: 'unit', start, end: trimEnd(text, start, end), kind: 'whole' }];
    case 'table':
      return tableLines(text, start, end);
    case 'markdown':
      return scanBlocks(text, segment, (from, to) => parsedBlocks(text, from, to));
  }
}

/** As the parser alone finds them. */
export function parsedBlocks(text: string, start: number, end: number): Block[] {
  const root = fromMarkdown(text.slice(start, end), OPTIONS);
  const source = { text, offset: start };
  return root.children.flatMap((node) => nodeBlocks(node, source));
}

interface Source {
  readonly text: string;
  /** Where the parsed piece begins in the text. */
  readonly offset: number;
}

function nodeBlocks(node: Root['children'][number], source: Source): Block[] {
  const { start, end } = span(node, source);
  if (node.type !== 'heading' || end - start > MAX_HEADING_CHARS) return units(node, source);
  return [{ type: 'heading', start, end, depth: node.depth, text: inlineText(toPlainText(node)) }];
}

/** The node itself where it fits into a chunk, else its children. */
function units(node: Nodes, source: Source): UnitBlock[] {
  const { start, end } = span(node, source);
  const kind = node.type === 'code' || node.type === 'tableRow' ? 'whole' : 'text';
  if (end - start <= TARGET_CHARS) return [{ type: 'unit', start, end, kind }];
  if (node.type === 'table') return tableRows(node, source);
  if (!isContainer(node)) return [{ type: 'unit', start, end, kind }];
  return node.children.flatMap((child) => units(child, source));
}

function isContainer(node: Nodes): node is Extract<Parents, { type: 'list' | 'listItem' | 'blockquote' }> {
  return node.type === 'list' || node.type === 'listItem' || node.type === 'blockquote';
}

function tableRows(table: Table, source: Source): UnitBlock[] {
  const [header, ...body] = table.children.map((row) => span(row, source));
  if (header === undefined) return [];
  // The rule between header and body is no row to the parser; it stays with the header.
  const bodyStart = body[0]?.start ?? span(table, source).end;
  const end = trimEnd(source.text, header.start, bodyStart);
  return rowUnits(source.text, [{ start: header.start, end }, ...body]);
}

/** The rows of a table too long to be parsed: one a line. */
function tableLines(text: string, start: number, end: number): UnitBlock[] {
  const lines = text.slice(start, end).matchAll(/[^\r\n]+/g);
  const rows = Array.from(lines, ({ index, 0: line }) => ({
    start: start + index,
    end: start + index + line.length,
  }));
  const [header, rule, ...body] = rows;
  if (header === undefined || rule === undefined) return plainBlocks(text, start, end);
  return rowUnits(text, [{ start: header.start, end: rule.end }, ...body]);
}

function rowUnits(text: string, rows: readonly { start: number; end: number }[]): UnitBlock[] {
  const [header] = rows;
  if (header === undefined) return [];
  const headerLine = text.slice(header.start, header.end).split(/[\r\n]/, 1)[0] ?? '';
  const table = { start: header.start, text: headerLine.replaceAll('|', ' ').replace(/\s+/g, ' ').trim() };
  return rows.map(({ start, end }) => ({ type: 'unit', start, end, kind: 'whole', table }));
}

function span(node: Nodes, source: Source): { start: number; end: number } {
  const { position } = node;
  const start = position?.start.offset ?? 0;
  const end = position?.end.offset ?? start;
  return { start: start + source.offset, end: end + source.offset };
}
