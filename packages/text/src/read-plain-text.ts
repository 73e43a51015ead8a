import type { Block, TextDocument } from '@xnai/contracts';
import { cleanText } from './clean-text.ts';
import { skipBlank, skipBlankLines, trimEnd } from './span.ts';

/** White space with two line ends or more, which stands between paragraphs. */
const GAP = /(?:\r\n|\n|\r)[^\S\r\n]*(?:\r\n|\n|\r)\s*/g;

/**
 * The paragraphs of a plain text, and code where all lines of one are indented. No letter of it is a mark, and the text
 * is stored as it came.
 */
export function readPlainText(content: string): TextDocument {
  const text = cleanText(content);
  const blocks: Block[] = [];
  const canHoldCode = !isIndented(text);
  const add = (from: number, to: number) => {
    const block = blockOf(text, from, to, canHoldCode);
    const above = blocks.at(-1);
    if (block?.kind === 'code' && above?.kind === 'code') {
      blocks[blocks.length - 1] = { ...above, bodyEnd: block.end, end: block.end };
    } else if (block !== undefined) blocks.push(block);
  };
  let from = 0;
  for (const gap of text.matchAll(GAP)) {
    add(from, gap.index);
    from = gap.index;
  }
  add(from, text.length);
  return { text, inline: 'none', blocks, tables: [], anchors: {}, losses: [] };
}

/** In a text such as a manual page, whose lines are mostly indented, indentation does not say that something is code. */
function isIndented(text: string): boolean {
  const lines = text.match(/^[^\r\n]*\S/gm) ?? [];
  return lines.filter((line) => /^(?: {2}|\t)/.test(line)).length * 2 > lines.length;
}

function blockOf(text: string, from: number, to: number, canHoldCode: boolean): Block | undefined {
  const first = skipBlank(text, from, to);
  const end = trimEnd(text, first, to);
  if (end === first) return undefined;
  const lineStart = skipBlankLines(text, from, to);
  const isCode = canHoldCode && isCodeShaped(text.slice(lineStart, end));
  const start = isCode ? lineStart : first;
  const kind = isCode ? 'code' : 'paragraph';
  return { kind, start, bodyStart: start, bodyEnd: end, end, section: -1, parent: -1 };
}

const INDENTED = /^(?: {4}|\t)[^\r\n]*(?:(?:\r\n|\n|\r)(?: {4}|\t)[^\r\n]*)*$/;
/** Five words in a row. */
const PROSE = /(?:\p{L}{2,},? ){5}/u;
/** A title that is set in the middle has none, and begins with a capital. */
const SIGNS = /[{}()[\]<>;=$|/\\`"_@#%&*+~\d]|--\w|^\s*\p{Ll}/u;

function isCodeShaped(lines: string): boolean {
  return INDENTED.test(lines) && !PROSE.test(lines) && SIGNS.test(lines);
}
