import type { Block } from '@xnai/contracts';
import { endsInColon, isLabel } from './labels.ts';
import { bodyOf, createLeads, type Lead } from './leads.ts';
import { isByLine, linesOf } from './lines.ts';
import { isEmpty, type Passage } from './passage.ts';
import { type Span, sentencesOf } from './sentences.ts';

export type StatementKind = 'sentence' | 'label' | 'row' | 'code';

/** The smallest piece of a passage that an answer can quote; offsets into its text. */
export interface Statement extends Span {
  readonly kind: StatementKind;
  /** Which block of the passage it is part of; neighbours in one block belong together. */
  readonly block: number;
  /** A term, an option, the columns of a table, or a line ending in a colon. */
  readonly lead: Lead | undefined;
  /** The lead stands directly before the statement, so that one quote can hold both. */
  readonly isLeadAdjacent: boolean;
  /** End of the list or code that a statement introduces or holds; else the statement's own end. */
  readonly fullEnd: number;
}

const MAX_INTRODUCED_CHARS = 420;
const MAX_CODE_CHARS = 1000;

/** All statements of a passage, in reading order. */
export function statementsOf(passage: Passage): readonly Statement[] {
  const statements: Statement[] = [];
  const leads = createLeads(passage);
  for (const [index, block] of passage.blocks.entries()) {
    if (isEmpty(block) || block.kind === 'heading') continue;
    const lead = leads.at(block);
    for (const [position, span] of spansOf(passage, block).entries()) {
      statements.push({
        ...span,
        kind: kindOf(passage, block),
        block: index,
        lead,
        isLeadAdjacent: position === 0 && isAdjacent(passage, lead, span),
        fullEnd: fullEndOf(passage, index, span),
      });
    }
    leads.pass(block);
  }
  return statements;
}

function spansOf(passage: Passage, block: Block): readonly Span[] {
  const { text, inline } = passage;
  const body = bodyOf(block);
  if (block.kind === 'row')
    return isShownByRows(passage, block) ? [] : [{ start: block.start, end: block.end }];
  if (isEmpty(body)) return block.kind === 'definition' ? [{ start: block.start, end: block.end }] : [];
  if (block.kind === 'code') return [{ start: body.start, end: Math.min(body.end, codeEnd(text, body)) }];
  if (block.kind === 'metadata' || isShortEntry(block)) return [body];
  const content = text.slice(body.start, body.end);
  const isLined = inline === 'none' && isByLine(content);
  return (isLined ? linesOf(content) : sentencesOf(content)).map(({ start, end }) => ({
    start: body.start + start,
    end: body.start + end,
  }));
}

/** Rows are read under the names of their columns, so that a header says nothing more. */
function isShownByRows({ blocks }: Passage, { table, isHeader }: Extract<Block, { kind: 'row' }>): boolean {
  return isHeader && blocks.some((other) => other.kind === 'row' && other.table === table && !other.isHeader);
}

const SHORT_ENTRY_CHARS: Partial<Record<Block['kind'], number>> = { definition: 300, item: 200 };

/** A short entry is one statement: its term or label and its body. */
function isShortEntry({ kind, bodyStart, bodyEnd }: Block): boolean {
  return bodyEnd - bodyStart <= (SHORT_ENTRY_CHARS[kind] ?? 0);
}

/** A long code block is quoted up to the last whole line that fits. */
function codeEnd(text: string, { start, end }: Span): number {
  if (end - start <= MAX_CODE_CHARS) return end;
  const cut = text.lastIndexOf('\n', start + MAX_CODE_CHARS);
  return cut > start ? cut : start + MAX_CODE_CHARS;
}

function kindOf({ text }: Passage, block: Block): StatementKind {
  if (block.kind === 'row') return block.isHeader ? 'label' : 'row';
  if (block.kind === 'code') return 'code';
  if (block.kind === 'caption') return 'label';
  const mayBeLabel = block.kind === 'paragraph' || block.kind === 'item';
  if (block.kind === 'definition' && block.bodyEnd === block.bodyStart) return 'label';
  return mayBeLabel && isLabel(text, bodyOf(block)) ? 'label' : 'sentence';
}

/** With the code, or as many of the items, that follow a colon, and with what an item or a term alone holds. */
function fullEndOf(passage: Passage, index: number, span: Span): number {
  const { blocks, first } = passage;
  const block = blocks[index];
  const isColon = endsInColon(passage, span);
  const isHolder = block !== undefined && kindOf(passage, block) === 'label';
  let { end } = span;
  for (const next of blocks.slice(index + 1)) {
    const isHeld = isHolder && next.parent === first + index;
    if (!isHeld && !(isColon && (next.kind === 'code' || next.kind === 'item'))) break;
    if (next.end - span.end > MAX_INTRODUCED_CHARS) break;
    end = next.kind === 'code' ? next.bodyEnd : next.end;
    if (next.kind === 'code') break;
  }
  return end;
}

function isAdjacent({ text }: Passage, lead: Lead | undefined, { start }: Span): boolean {
  if (lead?.span === undefined || lead.span.end > start) return false;
  return /^(?:[\s*+>:-]|\d+[.)](?=\s))*$/.test(text.slice(lead.span.end, start));
}
