import type { Block } from '@xnai/contracts';
import { plainText } from '@xnai/text';
import { endsInColon, isLabel } from './labels.ts';
import { type Passage, parentOf } from './passage.ts';
import { type Span, sentencesOf } from './sentences.ts';

/** Text that gives a statement its subject. */
export interface Lead {
  readonly text: string;
  /** Where it stands; undefined where it is not in the passage. */
  readonly span: Span | undefined;
}

/** Follows the blocks of a passage in order and knows what leads each: a term, a label, a header, or a line with a colon. */
export interface Leads {
  at(block: Block): Lead | undefined;
  pass(block: Block): void;
}

const MAX_MERGED_CHARS = 200;

/**
 * What holds a block leads it. A short paragraph (or several in a row, as in `-a` and `--all`) leads the next one; a line
 * that ends in a colon leads the list or code after it; the names of its columns lead a row.
 */
export function createLeads(passage: Passage): Leads {
  const { text } = passage;
  let label: Span | undefined;
  let colon: Span | undefined;
  let isAfterLabel = false;

  function at(block: Block): Lead | undefined {
    if (block.kind === 'row') return columnsOf(passage, block);
    if (block.kind === 'definition' || block.kind === 'metadata') return ownLabel(block);
    const holder = parentOf(passage, block);
    if (holder !== undefined) return leadOfHolder(passage, holder);
    const span = isPlainLabel(text, block) || label === undefined ? colon : label;
    return span && { text: proseIn(passage, span), span };
  }

  function pass(block: Block): void {
    if (block.kind === 'code') colon = undefined;
    if (block.kind === 'row' || block.kind === 'code' || parentOf(passage, block) !== undefined) return;
    if (isPlainLabel(text, block)) passLabel(bodyOf(block));
    else passProse(block);
  }

  function passLabel(body: Span): void {
    colon = undefined;
    const isMerged = isAfterLabel && label !== undefined && body.end - label.start <= MAX_MERGED_CHARS;
    label = isMerged ? { start: label?.start ?? body.start, end: body.end } : body;
    isAfterLabel = true;
  }

  /** A label leads one paragraph; a list or its items end nothing. */
  function passProse(block: Block): void {
    const isParagraph = block.kind !== 'item';
    if (isParagraph && !isAfterLabel) label = undefined;
    if (isParagraph) colon = undefined;
    isAfterLabel = false;
    if (endsInColon(passage, bodyOf(block))) [colon, label] = [lastSentence(text, bodyOf(block)), undefined];
  }

  return { at, pass };
}

export function bodyOf({ bodyStart, bodyEnd }: Block): Span {
  return { start: bodyStart, end: bodyEnd };
}

/** A paragraph that is a label. An item is one only for what it holds. */
function isPlainLabel(text: string, block: Block): boolean {
  return block.kind === 'paragraph' && isLabel(text, bodyOf(block)) && !endsInColon({ text }, bodyOf(block));
}

function columnsOf({ tables }: Passage, { table }: Extract<Block, { kind: 'row' }>): Lead | undefined {
  const columns = tables.get(table) ?? [];
  return columns.length === 0 ? undefined : { text: columns.join(', '), span: undefined };
}

function ownLabel(block: Extract<Block, { kind: 'definition' | 'metadata' }>): Lead {
  const text = block.kind === 'definition' ? block.term : block.key;
  return { text, span: { start: block.start, end: block.bodyStart } };
}

const MAX_HOLDER_CHARS = 200;

/** Of a long item only its last sentence. */
function leadOfHolder(passage: Passage, holder: Block): Lead {
  if (holder.kind === 'definition') return ownLabel(holder);
  const body = bodyOf(holder);
  const span = body.end - body.start > MAX_HOLDER_CHARS ? lastSentence(passage.text, body) : body;
  return { text: proseIn(passage, span), span: { start: holder.start, end: span.end } };
}

function proseIn({ text, inline }: Passage, { start, end }: Span): string {
  return plainText(inline, text.slice(start, end).replace(/\s+/g, ' ')).trim();
}

function lastSentence(text: string, body: Span): Span {
  const last = sentencesOf(text.slice(body.start, body.end)).at(-1);
  return last === undefined ? body : { start: body.start + last.start, end: body.start + last.end };
}
