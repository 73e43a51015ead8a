import { z } from 'zod';

const Offset = z.int().min(0);

/** `text.slice(start, end)` is the block as stored, `text.slice(bodyStart, bodyEnd)` the same without its marks. */
const position = {
  start: Offset.describe('UTF-16 offset of the block in the text, marks such as "## " or "- " included'),
  end: Offset.describe('UTF-16 offset behind the block'),
  bodyStart: Offset.describe(
    'Where a quotation begins: behind "## ", "- ", "**term**: " or the opening fence',
  ),
  bodyEnd: Offset.describe('Where a quotation ends'),
  section: z.int().min(-1).describe('Index of the heading block above; -1 for none'),
  parent: z
    .int()
    .min(-1)
    .describe('Index of the item, definition or note that holds this block; -1 for none'),
  page: z.int().min(1).optional().describe('Page, slide or sheet, counted from 1'),
};

const WHAT_KIND = 'What the block is';

/** A block of a document by its kind; blocks are in reading order and do not overlap. */
export const Block = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('heading').describe(WHAT_KIND),
      ...position,
      level: z.int().min(1).max(6).describe('1 is the outermost'),
    }),
    z.object({ kind: z.enum(['paragraph', 'quote', 'math', 'caption']).describe(WHAT_KIND), ...position }),
    z.object({
      kind: z.literal('note').describe(WHAT_KIND),
      ...position,
      label: z.string().optional().describe('"warning", "tip", the mark of a footnote, …'),
    }),
    z.object({
      kind: z.literal('item').describe(WHAT_KIND),
      ...position,
      list: z.int().min(0).describe('Which list of the document'),
      depth: z.int().min(0).describe('Number of items around it'),
      ordinal: z.int().optional().describe('Number in an ordered list'),
      checked: z.boolean().optional().describe('Of an item that is a task'),
    }),
    z.object({
      kind: z.literal('definition').describe(WHAT_KIND),
      ...position,
      term: z.string().describe('What is defined'),
    }),
    z.object({
      kind: z.literal('row').describe(WHAT_KIND),
      ...position,
      table: z.int().min(0).describe('Index into `tables`'),
      isHeader: z.boolean().describe('Whether it names the columns'),
      cells: z.array(Offset).describe('Where each cell begins'),
    }),
    z.object({
      kind: z.literal('code').describe(WHAT_KIND),
      ...position,
      language: z.string().optional().describe('Of the listing, where it is told'),
    }),
    z.object({
      kind: z.literal('metadata').describe(WHAT_KIND),
      ...position,
      key: z.string().describe('Name of the fact'),
    }),
  ])
  .meta({
    id: 'Block',
    description: 'A block of a document; blocks are in reading order and do not overlap',
  });
export type Block = z.infer<typeof Block>;
export type BlockKind = Block['kind'];

export const PageUnit = z
  .enum(['page', 'slide', 'sheet', 'part'])
  .meta({ id: 'PageUnit', description: 'What a page of a document is' });
export type PageUnit = z.infer<typeof PageUnit>;

/**
 * What was left out of a document, under which rule. Where text cannot be told apart before it is read, it is counted by
 * what stands for it: parts of mail within a part that is left out ("too-deep", "too-many-parts") as they are encoded,
 * and text of a PDF in a font that cannot be loaded ("font") by its pieces, whose letters no font tells.
 */
export const Loss = z
  .object({
    rule: z.string().min(1).max(64).describe('"hidden", "navigation", "too-deep", "charset", "page-head", …'),
    chars: z.int().min(0).describe('UTF-16 units of text that were left out'),
  })
  .meta({ id: 'Loss' });
export type Loss = z.infer<typeof Loss>;

/**
 * A document that has been read: its stored text and the blocks in it. It is parsed once; chunks, quotations and answers
 * come from the blocks.
 */
export const TextDocument = z
  .object({
    text: z.string().describe('The stored text that all offsets refer to'),
    inline: z
      .enum(['markdown', 'code', 'none'])
      .describe(
        'Marks within a line: those of Markdown; code spans alone; none, every letter stands for itself',
      ),
    title: z.string().optional().describe('That it has itself'),
    language: z.string().optional().describe('BCP 47'),
    blocks: z.array(Block).describe('In reading order'),
    tables: z
      .array(z.object({ columns: z.array(z.string()).describe('Names of the columns') }))
      .describe('The tables that rows belong to'),
    anchors: z.record(z.string(), Offset).describe('Fragment of a link to its place in the text'),
    pages: z
      .object({
        unit: PageUnit.describe('What a page is here'),
        names: z.array(z.string()).optional().describe('Of the sheets'),
      })
      .optional()
      .describe('What `page` of a block counts; names of the sheets'),
    losses: z.array(Loss).describe('Text that was left out, by rule'),
  })
  .meta({ id: 'TextDocument' });
export type TextDocument = z.infer<typeof TextDocument>;

/** Media type of a `TextDocument` as JSON, as the crawler delivers it. */
export const TEXT_DOCUMENT_TYPE = 'application/vnd.xnai.document+json';

export { BLOCKS_VERSION } from './blocks-version.ts';
