import type { TextDocument } from '@xnai/contracts';
import type { LossRule } from '../loss-rule.ts';
import { isAllCode, joinRuns, plainText, type Run } from '../runs.ts';
import { type Cell, writeTable } from '../tables/write-table.ts';
import { type DocumentEnd, DocumentWriter } from '../writer.ts';
import { type ItemPlace, ItemWriter } from './item-writer.ts';
import type { Role } from './style-role.ts';

export interface OfficeRun extends Run {
  readonly isFormula?: boolean;
}

export interface ParagraphKind {
  readonly role?: Role | undefined;
  /** Of a heading, from 1. */
  readonly level?: number | undefined;
  readonly item?: ItemPlace | undefined;
  /** Words that the program shows before the text, such as "4.2". */
  readonly label?: string | undefined;
}

/** Writes the paragraphs and tables of an Office document: its styles say what they are. */
export class OfficeWriter {
  readonly blocks: DocumentWriter;
  readonly items: ItemWriter;
  #title: string | undefined;
  /** Lines of a listing that has not ended yet: each is a paragraph of its own. */
  #listing: string[] = [];
  /** What the next paragraph defines. */
  #term: string | undefined;
  #noteCount = 0;
  #openNotes: { readonly label: string; readonly text: () => string }[] = [];

  constructor(inline: TextDocument['inline'] = 'code') {
    this.blocks = new DocumentWriter({ inline });
    this.items = new ItemWriter(this.blocks);
  }

  paragraph(runs: readonly OfficeRun[], { role, level, item, label }: ParagraphKind): void {
    const text = joinRuns(runs);
    const isLine = role === 'code' || isAllCode(runs);
    if (isLine && (level ?? item ?? label) === undefined) {
      this.#listing.push(plainText(runs));
      return;
    }
    if (text === '') return;
    if (role === 'definition' && this.#term !== undefined) {
      this.items.close();
      this.blocks.definition(this.#term, text);
      this.#term = undefined;
      return;
    }
    this.#settle();
    if (role === 'term') {
      this.#term = text;
      return;
    }
    if (item !== undefined && level === undefined) {
      this.items.write(text, item);
      return;
    }
    this.#text(label === undefined ? text : `${label} ${text}`, runs, { role, level });
  }

  heading(level: number, text: string, role?: Role): void {
    this.#settle();
    this.items.forget();
    if (role === 'title') this.#title ??= text;
    this.blocks.heading(level, text);
  }

  table(rows: readonly (readonly Cell[])[], headerRows: number): void {
    this.#settle();
    this.items.close();
    writeTable(this.blocks, rows, headerRows);
  }

  /** The mark of a note in the text; the note itself comes with `writeNotes`. */
  addNote(text: () => string): string {
    this.#noteCount += 1;
    this.#openNotes.push({ label: String(this.#noteCount), text });
    return `[${this.#noteCount}]`;
  }

  /** To be called behind the block whose text has the marks. */
  writeNotes(): void {
    for (const { label, text } of this.#openNotes.splice(0)) {
      const words = text();
      if (words !== '') this.blocks.note(words, label);
    }
  }

  lose(rule: LossRule, text: string): void {
    this.blocks.lose(rule, text.trim().length);
  }

  end({ title = this.#title, ...rest }: DocumentEnd): TextDocument {
    this.#settle();
    return this.blocks.end({ ...rest, ...(title !== undefined && { title }) });
  }

  #text(text: string, runs: readonly OfficeRun[], { role, level }: ParagraphKind): void {
    if (role === 'title' || level !== undefined) {
      this.heading(role === 'title' ? 1 : (level ?? 1), text, role);
      return;
    }
    this.items.close();
    if (role === 'caption') this.blocks.caption(text);
    else if (role === 'quote') this.blocks.quote(text);
    else if (runs.every((run) => run.isFormula || run.text.trim() === '')) this.blocks.math(text);
    else this.blocks.paragraph(text);
  }

  /** Writes what waited for a paragraph to go on with it. */
  #settle(): void {
    const term = this.#term;
    this.#term = undefined;
    if (term !== undefined) this.blocks.paragraph(term);
    if (this.#listing.length === 0) return;
    this.items.close();
    this.blocks.code(this.#listing.splice(0).join('\n'));
  }
}
