import type { Block } from '@xnai/contracts';
import { codeText, plainText } from '@xnai/text';
import { endsInColon, isLabel } from './labels.ts';
import { bodyOf } from './leads.ts';
import { isEmpty, type Passage } from './passage.ts';
import { rowText } from './row.ts';
import type { Span } from './sentences.ts';

/**
 * A stretch of a passage as it reads in an answer: links by their words and marks left out where the text has such marks,
 * rows under the names of their columns, definitions with their term, code as code. A plain text keeps every letter.
 */
export function readable(
  passage: Passage,
  span: Span,
  { isList: isInList = false }: { readonly isList?: boolean } = {},
): string {
  const blocks = passage.blocks.filter(
    (block) => !isEmpty(block) && block.start < span.end && block.end > span.start,
  );
  const hasRows = blocks.some((block) => block.kind === 'row' && !block.isHeader);
  const shown = blocks.filter((block) => !(hasRows && block.kind === 'row' && block.isHeader));
  const isList = isInList || shown.filter(({ kind }) => kind === 'item').length > 1;
  let answer = '';
  let before: Block | undefined;
  for (const block of shown) {
    const text = blockText(passage, block, { span, isList, isAlone: shown.length === 1 });
    if (text === '') continue;
    answer += (before === undefined ? '' : gapBetween(passage, before, block, isList)) + text;
    before = block;
  }
  return answer;
}

interface Shown {
  readonly span: Span;
  /** Several items are shown, one a line. */
  readonly isList: boolean;
  readonly isAlone: boolean;
}

function blockText(passage: Passage, block: Block, { span, isList, isAlone }: Shown): string {
  const from = Math.max(span.start, block.bodyStart);
  const isWhole = span.start < block.bodyStart || block.start === block.bodyStart;
  const to = Math.min(span.end, block.bodyEnd);
  const stored = passage.text.slice(from, to);
  switch (block.kind) {
    case 'code':
      return shownCode(codeText(passage.text, from, to), block.language, isAlone);
    case 'row':
      return rowText(passage, block);
    case 'definition':
      return labelled(isWhole ? block.term : '', proseText(passage, stored));
    case 'note':
      return labelled(isWhole ? (block.label ?? '') : '', proseText(passage, stored));
    case 'metadata':
      return labelled(block.key, proseText(passage, stored));
    case 'item':
      return isList && isWhole
        ? `${itemMark(block)}${proseText(passage, stored)}`
        : proseText(passage, stored);
    default:
      return proseText(passage, stored);
  }
}

function labelled(label: string, text: string): string {
  return [label, text].filter((part) => part !== '').join(': ');
}

function itemMark({ depth, ordinal }: Extract<Block, { kind: 'item' }>): string {
  return `${'  '.repeat(Math.min(depth, 8))}${ordinal === undefined ? '-' : `${ordinal}.`} `;
}

/** Where the text has no marks, its line ends say something, too. In Markdown each line of a quotation has a mark. */
function proseText({ inline }: Passage, stored: string): string {
  if (inline === 'none') return stored.replaceAll('\r\n', '\n').trim();
  const lineEnd = inline === 'markdown' ? /\s*\n[\s>]*/g : /\s*\n\s*/g;
  return plainText(inline, stored.replace(lineEnd, ' ')).trim();
}

function shownCode(stored: string, language: string | undefined, isAlone: boolean): string {
  const code = stored.replaceAll('\r\n', '\n').replace(/^(?:[^\S\n]*\n)+|\s+$/g, '');
  if (code === '') return '';
  if (isAlone && !code.includes('\n') && !code.includes('`')) return `\`${code.trim()}\``;
  const longest = Math.max(0, ...(code.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language ?? ''}\n${code}\n${fence}`;
}

function gapBetween(passage: Passage, before: Block, next: Block, isList: boolean): string {
  if (before.kind === 'code' || next.kind === 'code') return '\n\n';
  if (next.kind === 'item' && isList) return '\n';
  if (before.kind === 'row' || next.kind === 'row' || before.kind === 'metadata') return '\n';
  if (before.kind === 'heading') return '\n';
  const isAfterLabel = isLabel(passage.text, bodyOf(before)) && !endsInColon(passage, bodyOf(before));
  if (!isAfterLabel) return ' ';
  return isLabel(passage.text, bodyOf(next)) && before.kind === 'paragraph' ? ', ' : ': ';
}
