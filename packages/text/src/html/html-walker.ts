import type { DocumentWriter } from '../writer.ts';
import { isLanguageLabel } from './code-language.ts';
import { isCodeBlock } from './code-shape.ts';
import { codeText } from './code-text.ts';
import type { Generator } from './generators.ts';
import { InlineBuffer } from './inline-buffer.ts';
import { ShadowHosts } from './shadow-hosts.ts';
import { isShownAsBlock, isSpaced, isValueOfLabel, isVerseLine } from './spacing.ts';
import { isTable } from './table-rows.ts';
import { BLOCK, HEADING } from './tags.ts';
import { type Element, elementsIn, find, type Node, roleOf } from './tree.ts';
import { visibleText } from './visible-text.ts';
import type { Pending, Walk } from './walk.ts';
import { walkCode, walkNumbers } from './walk-code.ts';
import { walkDefinitions } from './walk-definitions.ts';
import { walkDetails, walkHeading } from './walk-heading.ts';
import { walkInline } from './walk-inline.ts';
import { isList, walkList } from './walk-list.ts';
import { isNote, walkNote } from './walk-note.ts';
import { walkGrid, walkTable } from './walk-table.ts';

export interface WalkerOptions {
  readonly writer: DocumentWriter;
  readonly generator: Generator | undefined;
  readonly language: string | undefined;
  readonly isMarkdown: boolean;
  readonly resolve: (href: string) => string;
  /** Tabs by the panels that they open. */
  readonly tabs: ReadonlyMap<Element, Element>;
}

/** Walks through the main content of a page and writes its blocks. */
export class HtmlWalker implements Walk {
  readonly writer: DocumentWriter;
  readonly generator: Generator | undefined;
  readonly language: string | undefined;
  readonly isMarkdown: boolean;
  readonly resolve: (href: string) => string;
  isFlat = false;
  buffer: InlineBuffer;
  pending: Pending | undefined;
  listDepth = 0;
  textKind: Walk['textKind'] = 'paragraph';
  readonly #tabs: ReadonlyMap<Element, Element>;
  readonly #hosts = new ShadowHosts();

  constructor({ writer, generator, language, isMarkdown, resolve, tabs }: WalkerOptions) {
    this.#tabs = tabs;
    this.writer = writer;
    this.generator = generator;
    this.language = language;
    this.isMarkdown = isMarkdown;
    this.resolve = resolve;
    this.buffer = new InlineBuffer({ isMarkdown });
  }

  children(element: Element): void {
    const shadow = elementsIn(element).find(({ name, loss }) => name === 'template' && loss === undefined);
    if (shadow === undefined) this.#nodes(element.children);
    else this.#hosts.enter(element, () => this.#nodes(shadow.children));
  }

  element(element: Element): void {
    if (element.loss !== undefined) {
      this.writer.lose(element.loss, element.loss === '' ? 0 : element.text);
      return;
    }
    if (element.name === 'br') {
      this.#lineBreak();
      return;
    }
    if (isVerseLine(element) && !this.isFlat) {
      this.children(element);
      this.buffer.lineBreak();
      return;
    }
    const isBlock = isShownAsBlock(element);
    if (isBlock && !this.isFlat) this.flush();
    this.anchor(element);
    if (!this.isFlat) this.#nameOfPanel(element);
    if (element.name === 'slot') this.#hosts.fill(element, (nodes) => this.#nodes(nodes));
    else if (this.isFlat) this.#inlineElement(element, isBlock);
    else if (this.#structure(element)) return;
    else if (!isBlock) this.#inlineElement(element, false);
    else {
      this.children(element);
      this.flush();
    }
  }

  flat(element: Element): string {
    return this.#capture(element, this.isMarkdown);
  }

  plain(element: Element): string {
    return this.#capture(element, false).replace(/`/g, '');
  }

  flush(): void {
    if (this.buffer.isEmpty) return;
    const text = this.buffer.take();
    if (text === '') return;
    const pending = this.pending;
    if (pending === undefined) return void this.writer[this.textKind](text);
    this.pending = undefined;
    this.#enter(pending.write(text));
  }

  settle(): void {
    this.flush();
    const pending = this.pending;
    this.pending = undefined;
    if (pending?.standsAlone) this.#enter(pending.write(''));
  }

  hold(pending: Pending, within: () => void): void {
    this.settle();
    const { writer, textKind } = this;
    const parent = writer.parent;
    this.pending = pending;
    this.textKind = 'paragraph';
    within();
    this.flush();
    if (this.pending === pending) pending.writeAlone?.();
    this.pending = undefined;
    writer.parent = parent;
    this.textKind = textKind;
  }

  #enter(index: number): void {
    if (index !== -1) this.writer.parent = index;
  }

  #nodes(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (typeof node === 'string') this.buffer.text(node);
      else this.element(node);
    }
  }

  #nameOfPanel(element: Element): void {
    const tab = this.#tabs.get(element);
    if (tab === undefined) return;
    this.settle();
    this.writer.caption(this.plain(tab));
  }

  #lineBreak(): void {
    if (this.isFlat) this.buffer.space();
    else if (this.buffer.endsInBreak) this.flush();
    else this.buffer.lineBreak();
  }

  anchor({ name, attributes }: Element): void {
    const id = attributes['id'] ?? (name === 'a' ? attributes['name'] : undefined);
    if (id !== undefined) this.writer.anchor(id);
  }

  #inlineElement(element: Element, isBlock: boolean): void {
    const isApart = isBlock || isSpaced(element);
    if (isApart || isValueOfLabel(element)) this.buffer.space();
    if (this.isFlat && element.name !== 'code' && isCodeBlock(element, this.generator))
      this.buffer.code(codeText(element).text);
    else this.#withMarks(element);
    if (isApart) this.buffer.space();
  }

  /** Elements that are a block of a kind of their own. Answers whether it was one. */
  #structure(element: Element): boolean {
    const { name } = element;
    if (HEADING.has(name) || roleOf(element) === 'heading') return walkHeading(this, element);
    if (name === 'details') return walkDetails(this, element);
    const part = partOf(element, this.generator);
    if (part !== undefined) {
      part(this, element);
      return true;
    }
    if (name === 'blockquote') return this.#texts(element, 'quote');
    if (name === 'figcaption' || name === 'legend') return this.#texts(element, 'caption');
    if (name === 'input' && element.attributes['readonly'] !== undefined) return this.#field(element);
    return isLanguageLabel(element) || walkNumbers(this, element);
  }

  #field(element: Element): true {
    this.settle();
    this.writer.code(visibleText(element.attributes['value'] ?? ''));
    return true;
  }

  #texts(element: Element, kind: Walk['textKind']): true {
    const before = this.textKind;
    this.textKind = kind;
    this.children(element);
    this.flush();
    this.textKind = before;
    return true;
  }

  #withMarks(element: Element): void {
    if (walkInline(this, element)) return;
    const mark = this.buffer.isMarkdown ? this.#markOf(element) : undefined;
    if (mark !== undefined) this.buffer.open(mark[0], mark[1]);
    this.children(element);
    if (mark !== undefined) this.buffer.close();
  }

  #markOf(element: Element): readonly [string, string] | undefined {
    const { name, attributes } = element;
    if (find(element, ({ name: inner }) => BLOCK.has(inner)) !== undefined) return undefined;
    if (name === 'strong' || name === 'b') return ['**', '**'];
    if (name === 'em' || name === 'i') return ['*', '*'];
    const href = attributes['href'];
    return name === 'a' && href !== undefined && !/^\s*javascript:/i.test(href)
      ? ['[', `](${this.resolve(href)})`]
      : undefined;
  }

  #capture(element: Element, isMarkdown: boolean): string {
    const { buffer, isFlat, pending } = this;
    this.buffer = new InlineBuffer({ isMarkdown });
    this.isFlat = true;
    this.pending = undefined;
    this.children(element);
    const text = this.buffer.take();
    this.buffer = buffer;
    this.isFlat = isFlat;
    this.pending = pending;
    return text;
  }
}

function partOf(
  element: Element,
  generator: Generator | undefined,
): ((walk: Walk, element: Element) => void) | undefined {
  if (isCodeBlock(element, generator)) return walkCode;
  if (isTable(element)) return walkTable;
  if (generator?.grid?.(element)) return walkGrid;
  if (isList(element)) return walkList;
  if (element.name === 'dl') return walkDefinitions;
  return isNote(element) ? walkNote : undefined;
}
