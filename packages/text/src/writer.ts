import type { TextDocument } from '@xnai/contracts';
import { BlockText, type Fields, type Stored } from './block-text.ts';
import { formatNumber, type NumberFormat } from './format-number.ts';
import type { LossRule } from './loss-rule.ts';
import { RepeatBudget } from './repeat-budget.ts';
import { clean, codeBody, escapeCell, fenceOf, oneLine } from './stored-form.ts';

export interface WriterOptions {
  readonly inline: TextDocument['inline'];
  /**
   * Also indents what lies within an item, and gives each table a rule, so that a Markdown renderer sees the same
   * structure. Stored text needs neither, because its blocks say what belongs together.
   */
  readonly rendered?: boolean;
}

export interface ItemOptions {
  /** From `openList`. */
  readonly list: number;
  readonly depth: number;
  readonly ordinal?: number | undefined;
  /** '1' by default, and where the text is rendered: Markdown has no other lists. */
  readonly format?: NumberFormat | undefined;
  readonly checked?: boolean | undefined;
}

export type DocumentEnd = Pick<Partial<TextDocument>, 'title' | 'language' | 'pages'>;

/**
 * Builds the text of a document together with its blocks. Each method writes one block and returns its index, or -1
 * when there is nothing to write. Offsets are UTF-16 units; half a surrogate pair and NUL become U+FFFD. Any method
 * throws ReadError DOCUMENT_TOO_LARGE when the text gets longer than 64 Mi units.
 */
export class DocumentWriter {
  /** Page, slide or sheet of the blocks that follow, counted from 1. */
  page: number | undefined;
  /** Index of the item, definition or note that the blocks that follow belong to; -1 for none. */
  parent = -1;
  /** What cells that stand in several places may add to the text. */
  readonly repeats = new RepeatBudget();
  readonly #inline: TextDocument['inline'];
  readonly #isRendered: boolean;
  readonly #text: BlockText;
  readonly #tables: { columns: string[] }[] = [];
  readonly #losses = new Map<string, number>();
  readonly #columns = new Map<number, number>();
  #lists = 0;
  #openHeadings: number[] = [];

  constructor({ inline, rendered = false }: WriterOptions) {
    this.#inline = inline;
    this.#isRendered = rendered;
    this.#text = new BlockText({ isRendered: rendered });
  }

  heading(level: number, text: string): number {
    const depth = Math.min(Math.max(Math.trunc(level), 1), 6);
    const body = oneLine(text);
    if (body === '') return -1;
    while (this.#lastHeadingLevel() >= depth) this.#openHeadings.pop();
    const index = this.#put({ kind: 'heading', level: depth }, { prefix: `${'#'.repeat(depth)} `, body });
    this.#openHeadings.push(index);
    return index;
  }

  paragraph(text: string): number {
    return this.#putText({ kind: 'paragraph' }, text);
  }

  quote(text: string): number {
    return this.#putText({ kind: 'quote' }, text, '> ');
  }

  math(text: string): number {
    return this.#putText({ kind: 'math' }, text);
  }

  caption(text: string): number {
    return this.#putText({ kind: 'caption' }, text);
  }

  /** @param label "warning", "tip", the mark of a footnote */
  note(text: string, label?: string): number {
    const name = oneLine(label ?? '');
    return name === ''
      ? this.#putText({ kind: 'note' }, text)
      : this.#putLabelled({ kind: 'note', label: name }, name, text);
  }

  definition(term: string, text: string): number {
    const name = oneLine(term);
    if (name === '') return this.paragraph(text);
    return this.#putLabelled({ kind: 'definition', term: name }, name, text);
  }

  openList(): number {
    this.#lists += 1;
    return this.#lists - 1;
  }

  /** An item may be empty: what belongs to it may be a block of its own. */
  item(text: string, { list, depth, ordinal, format = '1', checked }: ItemOptions): number {
    const fields: Fields = {
      kind: 'item',
      list,
      depth,
      ...(ordinal !== undefined && { ordinal }),
      ...(checked !== undefined && { checked }),
    };
    const bullet =
      ordinal === undefined ? '- ' : `${formatNumber(ordinal, this.#isRendered ? '1' : format)}. `;
    const box = checked === undefined ? '' : checked ? '[x] ' : '[ ] ';
    const body = clean(text).trim();
    const column = this.#columnOf(this.parent) + bullet.length;
    const prefix = bullet + box;
    const index = this.#put(fields, { prefix: body === '' ? prefix.trimEnd() : prefix, body });
    this.#columns.set(index, column);
    return index;
  }

  /** Opens a table; `columns` are the names in its header, none when it has no header. */
  table(columns: readonly string[]): number {
    this.#tables.push({ columns: columns.map(oneLine) });
    return this.#tables.length - 1;
  }

  row(table: number, cells: readonly string[], { isHeader }: { readonly isHeader: boolean }): number {
    const stored = cells.map(escapeCell);
    if (stored.every((cell) => cell === '')) return -1;
    const fields: Fields = { kind: 'row', table, isHeader, cells: [] };
    const index = this.#put(fields, { prefix: '| ', body: stored.join(' | '), suffix: ' |' });
    const row = this.#text.blocks[index];
    if (row?.kind !== 'row') return index;
    let at = row.bodyStart;
    for (const cell of stored) {
      row.cells.push(at);
      at += cell.length + ' | '.length;
    }
    return index;
  }

  /** `text` keeps its lines and its indentation; blank lines around it are left out. */
  code(text: string, language?: string): number {
    const body = codeBody(text);
    if (body === '') return -1;
    const name = /^[^\s`]+/.exec(oneLine(language ?? ''))?.[0];
    const fence = fenceOf(body);
    const fields: Fields = { kind: 'code', ...(name !== undefined && { language: name }) };
    return this.#put(fields, { prefix: `${fence}${name ?? ''}\n`, body, suffix: `\n${fence}` });
  }

  metadata(key: string, value: string): number {
    const [name, body] = [oneLine(key), oneLine(value)];
    return body === '' ? -1 : this.#put({ kind: 'metadata', key: name }, { prefix: `${name}: `, body });
  }

  /** Makes a fragment point to the block that comes next. The first place of a name counts. */
  anchor(id: string): void {
    if (id !== '') this.#text.anchor(id);
  }

  /** Counts text that is left out under a rule; one that is spelled out must be known. */
  lose<Rule extends string>(rule: string extends Rule ? Rule : Rule & LossRule, chars: number): void {
    if (chars > 0) this.#losses.set(rule, (this.#losses.get(rule) ?? 0) + chars);
  }

  end({ title, language, pages }: DocumentEnd = {}): TextDocument {
    const { text, anchors } = this.#text.end();
    return {
      text,
      inline: this.#inline,
      ...(title !== undefined && { title: clean(title) }),
      ...(language !== undefined && { language }),
      blocks: this.#text.blocks,
      tables: this.#tables,
      anchors,
      ...(pages !== undefined && { pages }),
      losses: Array.from(this.#losses, ([rule, chars]) => ({ rule, chars })),
    };
  }

  #putText(fields: Fields, text: string, prefix = ''): number {
    const body = clean(text).trim();
    return body === '' ? -1 : this.#put(fields, { prefix, body });
  }

  #putLabelled(fields: Fields, label: string, text: string): number {
    const body = clean(text).trim();
    return this.#put(fields, { prefix: `**${label}**:${body === '' ? '' : ' '}`, body });
  }

  #put(fields: Fields, stored: Stored): number {
    const section = this.#openHeadings.at(-1) ?? -1;
    const place = { section, parent: this.parent, page: this.page, column: this.#columnOf(this.parent) };
    return this.#text.put(fields, stored, place);
  }

  /** Where the text of an item begins in its line: what lies within it is indented as far. */
  #columnOf(index: number): number {
    return this.#columns.get(index) ?? 0;
  }

  #lastHeadingLevel(): number {
    const last = this.#text.blocks[this.#openHeadings.at(-1) ?? -1];
    return last?.kind === 'heading' ? last.level : 0;
  }
}
