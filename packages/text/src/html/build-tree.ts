import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { HEAD_TAGS, IMPLIED, PARAGRAPH, SCOPE, TABLE_PARTS, TABLE_SCOPE } from './implied-tags.ts';
import { BLOCK, HEADING, RAW, VOID } from './tags.ts';
import type { Element } from './tree.ts';

/** Deeper than pages are, and shallow enough for everything that recurses over the tree. */
const MAX_DEPTH = 250;

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});
const NO_CLASSES: ReadonlySet<string> = new Set();
/**
 * The tree of a page in time and memory in proportion to its length, whatever is written: elements below a depth of 250
 * are laid flat, and their text stays. Tags are closed as the HTML standard does it, as far as text depends on it.
 */
export function buildTree(html: string): Element {
  return new TreeBuilder(html).build();
}

class TreeBuilder implements TokenizerCallbacks {
  readonly #html: string;
  readonly #root: Element = newElement('#document', undefined);
  readonly #stack: Element[] = [this.#root];
  readonly #open = new Map<string, number>();
  /** Elements that were too deep: their end tags close nothing. */
  readonly #tooDeep = new Map<string, number>();
  readonly #classes = new Map<string, ReadonlySet<string>>();
  #name = '';
  #attributes: Record<string, string> | undefined;
  #attribute = '';
  #value = '';
  #text = '';
  #textStart = 0;
  #textEnd = 0;
  readonly #isXml: boolean;

  constructor(html: string) {
    this.#html = html;
    this.#isXml = /^\s*<\?xml|^[^>]*<!doctype[^>]*xhtml|<html[^>]*xmlns=/i.test(html.slice(0, 2000));
  }

  build(): Element {
    const tokenizer = new Tokenizer({ recognizeSelfClosing: this.#isXml, decodeEntities: true }, this);
    tokenizer.write(this.#html);
    tokenizer.end();
    this.#flushText();
    return this.#root;
  }

  ontext(start: number, end: number): void {
    if (start !== this.#textEnd) this.#takeText(start);
    this.#textEnd = end;
  }

  ontextentity(codePoint: number, end: number): void {
    this.#takeText(end);
    this.#text += String.fromCodePoint(codePoint);
  }

  oncdata(start: number, end: number, endOffset: number): void {
    this.#takeText(start);
    this.#textEnd = end - endOffset;
    this.#takeText(end);
  }

  onopentagname(start: number, end: number): void {
    this.#name = this.#html.slice(start, end).toLowerCase();
    this.#attributes = undefined;
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#html.slice(start, end).toLowerCase();
    this.#value = '';
  }

  onattribdata(start: number, end: number): void {
    this.#value += this.#html.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    this.#value += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    this.#attributes ??= Object.create(null) as Record<string, string>;
    this.#attributes[this.#attribute] ??= this.#value;
  }

  onopentagend(): void {
    this.#openElement();
  }

  onselfclosingtag(): void {
    const isForeign = this.isInForeignContext();
    const element = this.#openElement();
    const isClosed = this.#isXml || isForeign || this.#name === 'svg' || this.#name === 'math';
    if (isClosed && element !== undefined && this.#stack.at(-1) === element) this.#pop();
  }

  onclosetag(start: number, end: number): void {
    const name = this.#html.slice(start, end).trim().toLowerCase();
    this.#flushText();
    if (name === 'br') return void this.#append('br');
    const skipped = this.#tooDeep.get(name) ?? 0;
    if (skipped > 0) return void this.#tooDeep.set(name, skipped - 1);
    // What follows `</body>` still belongs to the page.
    if (name === 'html' || name === 'body' || this.#count(name) === 0) return;
    this.#close(name);
  }

  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  isInForeignContext(): boolean {
    return this.#count('svg') + this.#count('math') > 0;
  }

  #openElement(): Element | undefined {
    this.#flushText();
    const name = this.#name;
    if (this.#isRepeated(name)) return undefined;
    if (this.#count('head') > 0 && !HEAD_TAGS.has(name)) this.#close('head');
    this.#closeImplied(name);
    if (VOID.has(name)) return void this.#append(name);
    if (this.#stack.length >= MAX_DEPTH && !RAW.has(name)) {
      this.#tooDeep.set(name, (this.#tooDeep.get(name) ?? 0) + 1);
      if (BLOCK.has(name)) this.#append('div');
      // A link still leads somewhere; its text follows it.
      else if (name === 'a') this.#append(name);
      return undefined;
    }
    const element = this.#append(name);
    this.#stack.push(element as Element);
    this.#open.set(name, this.#count(name) + 1);
    return element;
  }

  #isRepeated(name: string): boolean {
    return (name === 'html' || name === 'body' || name === 'head') && this.#count(name) > 0;
  }

  #closeImplied(name: string): void {
    if (this.#count('p') > 0 && BLOCK.has(name)) this.#closeOutermost(PARAGRAPH, SCOPE);
    const rule = IMPLIED.get(name);
    if (rule !== undefined) this.#closeOutermost(rule.closes, rule.within);
    if (HEADING.has(name) && HEADING.has(this.#stack.at(-1)?.name ?? '')) this.#pop();
    // An anchor of old pages that was never closed.
    if (name === 'a' && this.#stack.at(-1)?.name === 'a') this.#pop();
  }

  #closeOutermost(names: ReadonlySet<string>, within: ReadonlySet<string>): void {
    let outermost = -1;
    for (let at = this.#stack.length - 1; at > 0; at -= 1) {
      const { name } = this.#stack[at] as Element;
      if (names.has(name)) outermost = at;
      else if (within.has(name)) break;
    }
    if (outermost > 0) this.#popTo(outermost);
  }

  #close(name: string): void {
    const isBlock = BLOCK.has(name);
    const scope = TABLE_PARTS.has(name) || name === 'table' ? TABLE_SCOPE : SCOPE;
    let hasBlockWithin = false;
    for (let at = this.#stack.length - 1; at > 0; at -= 1) {
      const open = this.#stack[at] as Element;
      if (open.name === name) {
        // `</b>` does not end a block that was opened within it.
        if (isBlock || !hasBlockWithin) this.#popTo(at);
        else this.#forget(at);
        return;
      }
      if (scope.has(open.name)) return;
      hasBlockWithin ||= BLOCK.has(open.name);
    }
  }

  #popTo(index: number): void {
    while (this.#stack.length > index) this.#pop();
  }

  #pop(): void {
    const element = this.#stack.pop();
    if (element !== undefined) this.#open.set(element.name, this.#count(element.name) - 1);
  }

  #forget(index: number): void {
    for (const { name } of this.#stack.splice(index, 1)) this.#open.set(name, this.#count(name) - 1);
  }

  #count(name: string): number {
    return this.#open.get(name) ?? 0;
  }

  #append(name: string): Element {
    const parent = this.#stack.at(-1) as Element;
    const attributes = name === this.#name ? this.#attributes : undefined;
    const element = newElement(name, parent, attributes, this.#classesOf(attributes?.['class']));
    parent.children.push(element);
    return element;
  }

  #classesOf(value: string | undefined): ReadonlySet<string> {
    if (value === undefined) return NO_CLASSES;
    const known = this.#classes.get(value);
    if (known !== undefined) return known;
    const classes = new Set(value.split(/\s+/).filter((name) => name !== ''));
    this.#classes.set(value, classes);
    return classes;
  }

  /** Takes the text so far, so that what is read next may lie elsewhere. */
  #takeText(next: number): void {
    if (this.#textEnd > this.#textStart) this.#text += this.#html.slice(this.#textStart, this.#textEnd);
    this.#textStart = next;
    this.#textEnd = next;
  }

  #flushText(): void {
    this.#takeText(this.#textEnd);
    if (this.#text === '') return;
    if (this.#count('head') > 0 && this.#stack.at(-1)?.name === 'head' && this.#text.trim() !== '')
      this.#close('head');
    this.#stack.at(-1)?.children.push(this.#text);
    this.#text = '';
  }
}

function newElement(
  name: string,
  parent: Element | undefined,
  attributes = NO_ATTRIBUTES,
  classes = NO_CLASSES,
): Element {
  const index = parent?.children.length ?? 0;
  return { name, parent, index, attributes, classes, children: [], text: 0, linked: 0, loss: undefined };
}
