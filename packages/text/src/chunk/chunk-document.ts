import type { Block, TextDocument } from '@xnai/contracts';
import { plainName, plainText } from '../inline/plain-text.ts';
import { type Chunk, MAX_CHARS, TARGET_CHARS } from './chunk.ts';
import { type BlockUnit, unitsOf } from './units.ts';

/** A chunk shorter than this takes the next unit even beyond the target. */
const SHORT_CHARS = 300;

/**
 * Cuts a document between its blocks into chunks of about the target size, each under one heading. What belongs together
 * stays together where it fits: a step and its code, the header of a table and its first row, an introducing line and
 * what it introduces. Headings are in no chunk, save those with nothing under them.
 */
export function chunkDocument(document: TextDocument): Chunk[] {
  const chunks: Chunk[] = [];
  for (const { heading, first, last } of sectionsOf(document)) {
    for (const run of joinTail(packRuns(unitsOf(document, first, last)))) {
      const { start, end } = run;
      chunks.push({
        ordinal: chunks.length,
        start,
        end,
        text: document.text.slice(start, end),
        heading,
        context: contextOf(document, run),
      });
    }
  }
  return chunks;
}

interface Section {
  readonly heading: readonly string[];
  /** Indexes of its first and its last block. */
  readonly first: number;
  readonly last: number;
}

function sectionsOf(document: TextDocument): Section[] {
  const { blocks } = document;
  const sections: Section[] = [];
  for (const [index, block] of blocks.entries()) {
    const open = sections.at(-1);
    if (block.kind === 'heading') {
      if (isLeftAlone(blocks, index))
        sections.push({ heading: pathOf(document, block.section), first: index, last: index });
      continue;
    }
    const before = blocks[index - 1];
    const goesOn =
      before !== undefined && before.kind !== 'heading' && isMetadata(before) === isMetadata(block);
    if (open !== undefined && goesOn) sections[sections.length - 1] = { ...open, last: index };
    else sections.push({ heading: pathOf(document, block.section), first: index, last: index });
  }
  return sections;
}

function isMetadata({ kind }: Block): boolean {
  return kind === 'metadata';
}

/** Whether nothing is under a heading, not even a deeper heading, which would repeat it in its path. */
function isLeftAlone(blocks: readonly Block[], index: number): boolean {
  const block = blocks[index];
  const next = blocks[index + 1];
  if (block?.kind !== 'heading' || block.bodyEnd === block.bodyStart) return false;
  return next === undefined || (next.kind === 'heading' && next.level <= block.level);
}

const MAX_LEVELS = 6;

/** The headings above, outermost first. */
function pathOf({ text, inline, blocks }: TextDocument, section: number): string[] {
  const path: string[] = [];
  let heading = blocks[section];
  while (heading !== undefined && path.length < MAX_LEVELS) {
    path.unshift(plainName(inline, text.slice(heading.bodyStart, heading.bodyEnd)));
    heading = blocks[heading.section];
  }
  return path.filter((name) => name !== '');
}

function packRuns(units: readonly BlockUnit[]): BlockUnit[] {
  const runs: BlockUnit[] = [];
  for (const unit of units) {
    const open = runs.at(-1);
    if (open !== undefined && takes(open, unit)) runs[runs.length - 1] = join(open, unit);
    else runs.push(unit);
  }
  return runs;
}

function takes(open: BlockUnit, unit: BlockUnit): boolean {
  const size = unit.end - open.start;
  if (size <= TARGET_CHARS) return true;
  return open.end - open.start < SHORT_CHARS && size <= MAX_CHARS;
}

/** A short rest at the end of a section is no chunk of its own where it fits into the one before. */
function joinTail(runs: readonly BlockUnit[]): readonly BlockUnit[] {
  const last = runs.at(-1);
  const previous = runs.at(-2);
  if (last === undefined || previous === undefined) return runs;
  const isShort = last.end - last.start < SHORT_CHARS;
  if (!isShort || last.end - previous.start > MAX_CHARS) return runs;
  return [...runs.slice(0, -2), join(previous, last)];
}

function join(a: BlockUnit, b: BlockUnit): BlockUnit {
  return { start: a.start, end: b.end, first: a.first, last: b.last };
}

const MAX_CONTEXT_CHARS = 200;

/** What the chunk goes on with: the names of a table's columns, and the step or the term that its first block is part of. */
function contextOf({ text, inline, blocks, tables }: TextDocument, { start, first }: BlockUnit): string {
  const block = blocks[first];
  if (block === undefined) return '';
  const above = blocks[first - 1];
  const isCut = start > block.start;
  const parts: string[] = [];
  const parent = blocks[block.parent];
  if (parent?.kind === 'definition') parts.push(parent.term);
  else if (parent !== undefined) {
    parts.push(plainText(inline, text.slice(parent.bodyStart, parent.bodyEnd)).slice(0, MAX_CONTEXT_CHARS));
  }
  if (block.kind === 'definition' && isCut) parts.push(block.term);
  const isSameTable = block.kind === 'row' && above?.kind === 'row' && above.table === block.table;
  if (block.kind === 'row' && (isSameTable || isCut)) parts.push(...(tables[block.table]?.columns ?? []));
  return parts.join(' ').toWellFormed();
}
