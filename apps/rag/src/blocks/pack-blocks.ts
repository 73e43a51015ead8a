import type { Block } from '@xnai/contracts';
import { createFieldReader, createFieldWriter, type Fields } from './fields.ts';

/** The blocks that a chunk holds or continues, with the headings right before it. */
export interface ChunkBlocks {
  /** Index in the document of the first block. */
  readonly first: number;
  /** Offsets count from the beginning of the chunk; `section`, `parent` and `table` are indexes in the document. */
  readonly blocks: readonly Block[];
  /** Names of the columns of the tables whose rows are among the blocks. */
  readonly tables: ReadonlyMap<number, readonly string[]>;
}

/**
 * The blocks of a chunk in a few bytes each: every offset is the difference to the one before, and words that stand in
 * the text of the chunk are a place in it.
 */
export function packBlocks(chunk: ChunkBlocks, text: string): Uint8Array {
  const fields = createFieldWriter();
  passChunk(fields, text, chunk);
  return fields.bytes();
}

/** `text` is that of the chunk. */
export function unpackBlocks(packed: Uint8Array, text: string): ChunkBlocks {
  return passChunk(createFieldReader(packed), text);
}

function passChunk(fields: Fields, text: string, given?: ChunkBlocks): ChunkBlocks {
  const first = fields.count(given?.first);
  const size = fields.count(given?.blocks.length);
  const before = { index: first, end: 0, section: -1, parent: -1, page: 0, list: 0, table: 0 };
  const blocks = Array.from({ length: size }, (_, at) => passBlock(fields, text, before, given?.blocks[at]));
  return { first, blocks, tables: passTables(fields, text, given?.tables) };
}

/** What a block leaves for the next one, whose fields are mostly the same. */
interface Before {
  index: number;
  end: number;
  section: number;
  parent: number;
  page: number;
  list: number;
  table: number;
}

/** Any block, with the fields of all kinds. */
interface AnyBlock
  extends Pick<Block, 'kind' | 'start' | 'end' | 'bodyStart' | 'bodyEnd' | 'section' | 'parent'> {
  readonly page?: number | undefined;
  readonly level?: number;
  readonly label?: string | undefined;
  readonly list?: number;
  readonly depth?: number;
  readonly ordinal?: number | undefined;
  readonly checked?: boolean | undefined;
  readonly term?: string;
  readonly table?: number;
  readonly isHeader?: boolean;
  readonly cells?: readonly number[];
  readonly language?: string | undefined;
  readonly key?: string;
}

/** The position of a kind is stored: new ones go to the end. */
const KINDS: readonly Block['kind'][] = [
  'paragraph',
  'heading',
  'item',
  'row',
  'code',
  'definition',
  'quote',
  'note',
  'math',
  'caption',
  'metadata',
];
const ROOM_FOR_KINDS = 16;
/** Bits that say which fields differ from those of the block before. */
const CHANGED = { section: 1, parent: 2, page: 4 } as const;

function passBlock(fields: Fields, text: string, before: Before, given?: AnyBlock): Block {
  const { index } = before;
  const head = fields.count(given && KINDS.indexOf(given.kind) + ROOM_FOR_KINDS * changesOf(given, before));
  const kind = KINDS[head % ROOM_FOR_KINDS] ?? 'paragraph';
  const hasChanged = (name: keyof typeof CHANGED) => (Math.floor(head / ROOM_FOR_KINDS) & CHANGED[name]) > 0;
  const start = before.end + fields.difference(given && given.start - before.end);
  const bodyStart = start + fields.count(given && given.bodyStart - start);
  const bodyEnd = bodyStart + fields.count(given && given.bodyEnd - bodyStart);
  const end = bodyEnd + fields.count(given && given.end - bodyEnd);
  const above = (name: 'section' | 'parent') =>
    hasChanged(name) ? index - fields.count(given && index - given[name]) : before[name];
  const [section, parent] = [above('section'), above('parent')];
  const page = hasChanged('page') ? fields.count(given?.page) : before.page;
  const position = { start, end, bodyStart, bodyEnd, section, parent, ...(page > 0 && { page }) };
  const words = text.slice(Math.max(0, start), Math.max(0, end));
  const own = passOwn(fields, { kind, bodyStart, words, before }, given);
  Object.assign(before, {
    index: index + 1,
    end,
    parent,
    page,
    section: kind === 'heading' ? index : section,
  });
  return { kind, ...position, ...own } as Block;
}

function changesOf({ section, parent, page = 0 }: AnyBlock, before: Before): number {
  return (
    (section === before.section ? 0 : CHANGED.section) +
    (parent === before.parent ? 0 : CHANGED.parent) +
    (page === before.page ? 0 : CHANGED.page)
  );
}

interface BlockPart {
  readonly kind: Block['kind'];
  readonly bodyStart: number;
  /** The text of the block, as far as it lies in the chunk. */
  readonly words: string;
  readonly before: Before;
}

/** The fields that only blocks of this kind have. */
function passOwn(
  fields: Fields,
  { kind, bodyStart, words, before }: BlockPart,
  given?: AnyBlock,
): Partial<AnyBlock> {
  switch (kind) {
    case 'heading':
      return { level: fields.count(given?.level) };
    case 'item':
      return passItem(fields, before, given);
    case 'row':
      return passRow(fields, { bodyStart, before }, given);
    case 'definition':
      return { term: passWords(fields, words, given?.term) ?? '' };
    case 'metadata':
      return { key: passWords(fields, words, given?.key) ?? '' };
    case 'note':
      return optional('label', passWords(fields, words, given?.label));
    case 'code':
      return optional('language', passWords(fields, words, given?.language));
    default:
      return {};
  }
}

function optional(name: 'label' | 'language', value: string | undefined): Partial<AnyBlock> {
  return value === undefined ? {} : { [name]: value };
}

function passItem(fields: Fields, before: Before, given?: AnyBlock): Partial<AnyBlock> {
  const { ordinal, checked, depth = 0 } = given ?? {};
  const box = checked === undefined ? 0 : checked ? 2 : 1;
  const head = fields.count((depth * 3 + box) * 2 + (ordinal === undefined ? 0 : 1));
  const passedBox = Math.floor(head / 2) % 3;
  before.list += fields.difference(given && (given.list ?? 0) - before.list);
  return {
    list: before.list,
    depth: Math.floor(head / 6),
    ...(head % 2 === 1 && { ordinal: fields.difference(ordinal) }),
    ...(passedBox > 0 && { checked: passedBox === 2 }),
  };
}

function passRow(
  fields: Fields,
  { bodyStart, before }: Pick<BlockPart, 'bodyStart' | 'before'>,
  given?: AnyBlock,
): Partial<AnyBlock> {
  before.table += fields.difference(given && (given.table ?? 0) - before.table);
  const head = fields.count(given && (given.cells?.length ?? 0) * 2 + (given.isHeader ? 1 : 0));
  let last = bodyStart;
  const cells = Array.from({ length: Math.floor(head / 2) }, (_, cell) => {
    last += fields.count(given && (given.cells?.[cell] ?? 0) - last);
    return last;
  });
  return { table: before.table, isHeader: head % 2 === 1, cells };
}

function passTables(fields: Fields, text: string, given?: ChunkBlocks['tables']): ChunkBlocks['tables'] {
  const tables = [...(given ?? [])];
  const passed = new Map<number, readonly string[]>();
  const size = fields.count(tables.length);
  for (let at = 0; at < size; at++) {
    const [table, columns] = tables[at] ?? [];
    const key = fields.count(table);
    const width = fields.count(columns?.length);
    const names = Array.from({ length: width }, (_, n) => passWords(fields, text, columns?.[n]) ?? '');
    passed.set(key, names);
  }
  return passed;
}

/** 0: none; 1: the words follow; else where they stand, and how many characters they have. */
function passWords(fields: Fields, words: string, given?: string): string | undefined {
  const found = given === undefined ? -2 : words.indexOf(given);
  const place = fields.count(found + 2);
  if (place === 0) return undefined;
  if (place === 1) return fields.text(given);
  return words.slice(place - 2, place - 2 + fields.count(given?.length));
}
