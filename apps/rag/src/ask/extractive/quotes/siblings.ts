import type { Block } from '@xnai/contracts';
import { parentOf } from '../../text/passage.ts';
import type { StatementPlace } from '../evidence.ts';
import type { WeightedTerm } from '../weigh-terms.ts';

/** Kinds of blocks that stand beside others of their kind, each about something of its own. */
const ENTRIES: ReadonlySet<Block['kind']> = new Set(['item', 'definition', 'row']);

/**
 * Tells the entries of a list or table that are about something else than the best one: those that lack a word as rare
 * as the rarest by which that was chosen. Entries are compared whole, with their label; other text is about anything.
 */
export function createIsForeign(
  terms: readonly WeightedTerm[],
  best: StatementPlace,
): (other: StatementPlace) => boolean {
  if (!isInEntry(best)) return () => false;
  const keys = rarestHeld(terms, best);
  return (other) =>
    isInEntry(other) && !isSameEntry(best, other) && keys.some((key) => heldBy(other, key) < WHOLLY);
}

/** A share that is 1 but for rounding. */
const WHOLLY = 0.99;
/**
 * In a small collection all words are about as rare. At 0 14 of the 480 answers of `npm run eval -- weights` are others, and
 * facts over git .786 instead of .857.
 */
const AS_RARE = 0.9;

function rarestHeld(terms: readonly WeightedTerm[], place: StatementPlace): readonly number[] {
  const held = terms.flatMap(({ weight }, index) =>
    heldBy(place, index) >= WHOLLY ? [{ index, weight }] : [],
  );
  const most = Math.max(0, ...held.map(({ weight }) => weight));
  return held.filter(({ weight }) => weight >= AS_RARE * most).map(({ index }) => index);
}

/** How well the entry with its label holds a term, from 0 to 1. */
function heldBy({ evidence, entry }: StatementPlace, term: number): number {
  const parts = evidence.statements.filter(({ statement }) => statement.block === entry.statement.block);
  return Math.max(...[...parts.map(({ own }) => own), entry.lead].map(({ held }) => held[term] ?? 0));
}

export function isEntry(block: Block | undefined): block is Block {
  return block !== undefined && ENTRIES.has(block.kind);
}

function isInEntry({ evidence: { passage }, entry }: StatementPlace): boolean {
  const block = passage.blocks[entry.statement.block];
  return isEntry(block) || (block !== undefined && isEntry(parentOf(passage, block)));
}

function isSameEntry(a: StatementPlace, b: StatementPlace): boolean {
  return a.evidence.found === b.evidence.found && entryOf(a) === entryOf(b);
}

/** The outermost entry that a statement is part of, as an index in its document. */
function entryOf({ evidence, entry }: StatementPlace): number {
  const { blocks, first } = evidence.passage;
  let index = entry.statement.block + first;
  for (
    let parent = blocks[index - first]?.parent ?? -1;
    parent >= 0;
    parent = blocks[parent - first]?.parent ?? -1
  )
    index = parent;
  return index;
}
