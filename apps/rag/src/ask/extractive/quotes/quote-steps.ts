import type { Block } from '@xnai/contracts';
import { isEmpty } from '../../text/passage.ts';
import type { Evidence } from '../evidence.ts';
import type { RankedStatement } from '../rank/rank-statements.ts';
import type { Entry, Quote } from './quote.ts';

const LEAST_STEPS = 2;
/** A list of steps is given whole up to this length. */
const MAX_STEPS_CHARS = 1200;

/**
 * The numbered list that a statement is part of or stands right before, whole, also where it goes on in the next chunks
 * of its document; undefined where there is none. What is too long is cut between steps, and the rest is counted.
 */
export function quoteSteps(best: RankedStatement, all: readonly Evidence[]): readonly Quote[] | undefined {
  const list = listOf(best, isStep);
  return list === undefined
    ? undefined
    : quoteLists(best, all, { lists: continuedLists(partsOf(best.evidence, all), list), isOne: isStep });
}

/** The list of any kind that a statement is part of or stands right before, in the same way. */
export function quoteItems(best: RankedStatement, all: readonly Evidence[]): readonly Quote[] | undefined {
  const list = listOf(best, isItem);
  return list === undefined ? undefined : quoteLists(best, all, { lists: new Set([list]), isOne: isItem });
}

interface Lists {
  readonly lists: ReadonlySet<number>;
  readonly isOne: (block: Block) => block is Item;
}

function quoteLists(
  best: RankedStatement,
  all: readonly Evidence[],
  lists: Lists,
): readonly Quote[] | undefined {
  const parts = partsOf(best.evidence, all)
    .map((evidence) => ({ evidence, steps: entriesIn(evidence, lists) }))
    .filter(({ steps }) => steps.length > 0);
  return quoteParts(best, parts, lists.isOne === isStep ? 'step' : 'item');
}

/** The rows of the table that a statement is part of, in the same way. */
export function quoteRows(best: RankedStatement, all: readonly Evidence[]): readonly Quote[] | undefined {
  const row = best.evidence.passage.blocks[best.entry.statement.block];
  if (row?.kind !== 'row') return undefined;
  const parts = partsOf(best.evidence, all)
    .map((evidence) => ({ evidence, steps: rowsIn(evidence, row.table) }))
    .filter(({ steps }) => steps.length > 0);
  return quoteParts(best, parts, 'row');
}

function rowsIn({ passage }: Evidence, table: number): readonly Step[] {
  return passage.blocks.filter(
    (block) => block.kind === 'row' && block.table === table && !block.isHeader && !isEmpty(block),
  );
}

interface Part {
  readonly evidence: Evidence;
  readonly steps: readonly Step[];
}

function quoteParts(
  best: RankedStatement,
  parts: readonly Part[],
  entry: Entry,
): readonly Quote[] | undefined {
  if (parts.reduce((sum, { steps }) => sum + steps.length, 0) < LEAST_STEPS) return undefined;
  let room = MAX_STEPS_CHARS;
  let left = 0;
  const quotes: Quote[] = [];
  for (const { evidence, steps } of parts) {
    const isOfBest = entry !== 'row' && evidence.found === best.evidence.found;
    const start = isOfBest ? startOf(best, steps) : (steps[0]?.start ?? 0);
    const fitting = left > 0 ? [] : steps.filter(({ end }) => end - start <= room);
    left += steps.length - fitting.length;
    const end = fitting.at(-1)?.end;
    if (end === undefined) continue;
    room -= end - start;
    const rest = { entry, left: 0 };
    quotes.push({ evidence, start, end, about: undefined, sentences: 1, score: best.score, rest });
  }
  const last = quotes.pop();
  return last === undefined ? undefined : [...quotes, { ...last, rest: { entry, left } }];
}

/** A list by its number in the document. */
function listOf({ evidence, entry }: RankedStatement, isOne: Lists['isOne']): number | undefined {
  const { blocks, first } = evidence.passage;
  const index = entry.statement.block;
  let block = blocks[index];
  while (block !== undefined && !isOne(block) && block.parent >= 0) block = blocks[block.parent - first];
  if (block !== undefined && isOne(block)) return block.list;
  const next = blocks[index + 1];
  return block?.kind === 'paragraph' && next !== undefined && isOne(next) ? next.list : undefined;
}

type Item = Extract<Block, { kind: 'item' }>;

function isItem(block: Block): block is Item {
  return block.kind === 'item';
}

function isStep(block: Block): block is Item {
  return block.kind === 'item' && block.ordinal !== undefined;
}

/**
 * The numbered lists of one section that count on from one to the next, among them this one: code that is not indented,
 * or a remark, ends a list between its steps.
 */
function continuedLists(parts: readonly Evidence[], list: number): ReadonlySet<number> {
  const steps = parts
    .flatMap(({ passage }) => passage.blocks.filter(isStep))
    .filter(({ parent }) => parent < 0);
  let [lists, before]: [Set<number>, Item | undefined] = [new Set(), undefined];
  for (const step of steps) {
    const countsOn = step.section === before?.section && step.ordinal === (before.ordinal ?? 0) + 1;
    if (!lists.has(step.list) && !countsOn) {
      if (lists.has(list)) break;
      lists = new Set();
    }
    lists.add(step.list);
    before = step;
  }
  return lists.has(list) ? lists : new Set([list]);
}

interface Step {
  readonly start: number;
  readonly end: number;
}

/**
 * The steps of such lists in a chunk, each with what it holds and with what stands before the next one; the first may
 * have begun in the chunk before.
 */
function entriesIn({ passage: { blocks, first } }: Evidence, { lists, isOne }: Lists): readonly Step[] {
  const begin = blocks.findIndex((block) => isOne(block) && lists.has(block.list));
  const steps: { start: number; end: number }[] = [];
  let before = 0;
  for (const [index, block] of blocks.entries()) {
    if (isEmpty(block)) continue;
    const isHeld = begin >= 0 && block.parent >= 0 && (index < begin || block.parent >= begin + first);
    const isNext = isOne(block) && lists.has(block.list);
    const open = steps.at(-1);
    if (isNext && !isHeld && open !== undefined) open.end = before;
    if (isHeld && open !== undefined) open.end = block.end;
    else if (isHeld || isNext) steps.push({ start: block.start, end: block.end });
    before = block.end;
  }
  return steps;
}

/** With the sentence right before the list. */
function startOf({ entry, evidence }: RankedStatement, [first]: readonly Step[]): number {
  const block = evidence.passage.blocks[entry.statement.block];
  const start = first?.start ?? entry.statement.start;
  return block !== undefined && block.end <= start ? entry.statement.start : start;
}

/** The chunks of the same document that follow each other around the best one. */
function partsOf({ found }: Evidence, all: readonly Evidence[]): readonly Evidence[] {
  const { documentId, ordinal } = found.chunk;
  const byOrdinal = new Map(
    all
      .filter(({ found: { chunk } }) => chunk.documentId === documentId)
      .map((each) => [each.found.chunk.ordinal, each]),
  );
  const parts: Evidence[] = [];
  let first = ordinal;
  while (byOrdinal.has(first - 1)) first--;
  for (let at = first; byOrdinal.has(at); at++) parts.push(byOrdinal.get(at) as Evidence);
  return parts;
}
