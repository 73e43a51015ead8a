import { type Block, blocksOf } from './blocks.ts';
import { endsInColon, isLabel } from './labels.ts';
import { createLeads } from './leads.ts';
import { type Span, sentencesOf } from './sentences.ts';

export type StatementKind = 'sentence' | 'label' | 'row' | 'code';

/** The smallest piece of a chunk that an answer can quote; offsets into the chunk's text. */
export interface Statement extends Span {
  readonly kind: StatementKind;
  /** Which block of the chunk it is part of; neighbours in one block belong together. */
  readonly block: number;
  /** Text that gives the statement its subject: a term, an option, a table header, or a line ending in a colon. */
  readonly lead: Span | undefined;
  /** The lead stands directly before the statement, so that one quote can hold both. */
  readonly isLeadAdjacent: boolean;
  /** End of the list or code that a statement ending in a colon introduces; else the statement's own end. */
  readonly fullEnd: number;
}

const MAX_INTRODUCED_CHARS = 420;
const MAX_CODE_CHARS = 420;

/** All statements of a chunk, in reading order. */
export function statementsOf(text: string): readonly Statement[] {
  const blocks = blocksOf(text).filter((block) => block.kind !== 'heading');
  const statements: Statement[] = [];
  const leads = createLeads(text);
  for (const [index, block] of blocks.entries()) {
    const lead = leads.at(block);
    for (const [position, span] of spansOf(text, block).entries()) {
      statements.push({
        ...span,
        kind: kindOf(text, block),
        block: index,
        lead,
        isLeadAdjacent: position === 0 && lead !== undefined && isAdjacent(text, lead, span),
        fullEnd: endsInColon(text, span) ? introducedEnd(blocks, index, span) : span.end,
      });
    }
    leads.pass(block);
  }
  return statements;
}

function spansOf(text: string, block: Block): readonly Span[] {
  if (block.kind === 'row' || block.kind === 'header-row') return [{ start: block.start, end: block.end }];
  if (block.kind === 'code') return [{ start: block.start, end: Math.min(block.end, codeEnd(text, block)) }];
  return sentencesOf(text.slice(block.start, block.end)).map(({ start, end }) => ({
    start: block.start + start,
    end: block.start + end,
  }));
}

/** A long code block is quoted up to the last whole line that fits. */
function codeEnd(text: string, { start, end }: Block): number {
  if (end - start <= MAX_CODE_CHARS) return end;
  const cut = text.lastIndexOf('\n', start + MAX_CODE_CHARS);
  return cut > start ? cut : start + MAX_CODE_CHARS;
}

function kindOf(text: string, block: Block): StatementKind {
  if (block.kind === 'row') return 'row';
  if (block.kind === 'code') return 'code';
  return block.kind === 'header-row' || isLabel(text, block) ? 'label' : 'sentence';
}

/** The code, or as many of the items, that follow a colon as stay readable. */
function introducedEnd(blocks: readonly Block[], index: number, span: Span): number {
  let end = span.end;
  for (const next of blocks.slice(index + 1)) {
    if (next.kind !== 'code' && next.kind !== 'item') break;
    if (next.end - span.end > MAX_INTRODUCED_CHARS) break;
    end = next.end;
    if (next.kind === 'code') break;
  }
  return end;
}

function isAdjacent(text: string, lead: Span, span: Span): boolean {
  return lead.end <= span.start && /^[\s*+>:-]*$/.test(text.slice(lead.end, span.start));
}
