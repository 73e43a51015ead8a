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
  let from = 0;
  for (const gap of text.matchAll(GAP)) {
    addBlock(blocks, text, from, gap.index);
    from = gap.index;
  }
  addBlock(blocks, text, from, text.length);
  return { text, inline: 'none', blocks, tables: [], anchors: {}, losses: [] };
}

function addBlock(blocks: Block[], text: string, from: number, to: number): void {
  const first = skipBlank(text, from, to);
  const end = trimEnd(text, first, to);
  if (end === first) return;
  const isCode =
    INDENTED.test(text.slice(skipBlankLines(text, from, to), end)) && !PROSE.test(text.slice(first, end));
  const start = isCode ? skipBlankLines(text, from, to) : first;
  const above = blocks.at(-1);
  const position = { start, bodyStart: start, bodyEnd: end, end, section: -1, parent: -1 };
  if (isCode && above?.kind === 'code') blocks[blocks.length - 1] = { ...above, bodyEnd: end, end };
  else blocks.push({ kind: isCode ? 'code' : 'paragraph', ...position });
}

const INDENTED = /^(?: {4}|\t)[^\r\n]*(?:(?:\r\n|\n|\r)(?: {4}|\t)[^\r\n]*)*$/;
/** Five words in a row: indented text, as in manual pages, is no code. */
const PROSE = /(?:\p{L}{2,},? ){5}/u;
