import { isCodeLine } from './code-shape.ts';
import { BLOCK } from './tags.ts';
import { type Element, isElement, type Node, rawText } from './tree.ts';
import { visibleText } from './visible-text.ts';

interface CodeLine {
  text: string;
  /** The number that an element of its own says at the start of the line. */
  lead: { readonly length: number; readonly value: number; readonly isNamed: boolean } | undefined;
}

export interface CodeText {
  readonly text: string;
  /** Characters of line numbers that were left out. */
  readonly numbers: number;
}

const LINE_NUMBER = /^\s*(\d{1,6})\s?[.:|)]?\s*$/;
const NUMBER_NAME =
  /(?:^|[-_])(?:ln|lnt|lineno|linenos|linenumber|line-?num\w*|line-?numbers?|gutter|blob-num|lineNumber)(?:$|[-_])/i;

/** The lines of a block of code, whatever they are made of, without the numbers that count them. */
export function codeText(element: Element): CodeText {
  const collector = new CodeCollector();
  collector.visitChildren(element);
  return withoutNumbers(collector.lines);
}

/** Whether a text is nothing but the numbers of lines: 1, 2, 3 … */
export function countsLines(text: string): boolean {
  const numbers = text.trim().split(/\s+/);
  if (numbers.length < 2 || numbers.length > 100_000) return false;
  const first = Number(numbers[0]);
  return numbers.every((number, index) => /^\d{1,6}$/.test(number) && Number(number) === first + index);
}

class CodeCollector {
  readonly lines: CodeLine[] = [{ text: '', lead: undefined }];
  #needsBreak = false;
  /** Boxes within one line stand beside each other. */
  #isInLine = false;

  visitChildren(element: Element): void {
    for (const child of element.children) this.#visit(child, element);
  }

  #visit(node: Node, parent: Element): void {
    if (typeof node === 'string') this.#write(node);
    else if (node.name === 'br') this.#write('\n');
    else if (!isLeftOut(node) && !isNumberColumn(node, parent) && !isEmptyCell(node, parent)) {
      if (!this.#isInLine && (beginsLine(node) || isWholeListing(node, parent))) this.#visitBlock(node);
      else this.#visitInline(node);
    }
  }

  #visitInline(element: Element): void {
    const line = this.#last;
    const lead = line.text === '' && !this.#needsBreak ? leadOf(element) : undefined;
    this.visitChildren(element);
    if (lead === undefined || line.lead !== undefined) return;
    line.lead = { ...lead, length: this.#last === line ? line.text.length : 0 };
  }

  #visitBlock(element: Element): void {
    if (this.#needsBreak || this.#last.text !== '') this.#newLine();
    const before = this.lines.length;
    this.#isInLine = isCodeLine(element);
    this.#visitInline(element);
    this.#isInLine = false;
    const endsInBreak = this.lines.length > before && this.#last.text === '' && !this.#needsBreak;
    if (!endsInBreak) this.#needsBreak = true;
  }

  get #last(): CodeLine {
    return this.lines[this.lines.length - 1] as CodeLine;
  }

  #write(data: string): void {
    const pieces = visibleText(data).split('\n');
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) this.#newLine();
      else if (this.#needsBreak && piece !== '') this.#newLine();
      if (piece !== '') this.#last.text += piece;
    }
  }

  #newLine(): void {
    this.#needsBreak = false;
    this.lines.push({ text: '', lead: undefined });
  }
}

function isLeftOut({ loss, name }: Element): boolean {
  return loss !== undefined || name === 'button';
}

/** All numbers of the block in one element, before the code itself. */
function isNumberColumn(element: Element, parent: Element): boolean {
  return (
    parent.children.length > 1 &&
    element.name !== 'tr' &&
    element.children.length > 0 &&
    countsLines(columnText(element))
  );
}

function columnText(element: Element): string {
  const first = element.children[0];
  const start = typeof first === 'string' ? first : first === undefined ? '' : rawText(first);
  if (!/^[\s\d]*$/.test(start.slice(0, 20))) return '';
  return element.children.map(rawText).join('\n');
}

function beginsLine({ name, attributes }: Element): boolean {
  if (BLOCK.has(name)) return name !== 'td' && name !== 'th';
  return /display\s*:\s*(?:block|flex|grid|table-row)/i.test(attributes['style'] ?? '');
}

/** Elements for the title of a listing, its buttons and the listing itself. */
const MAX_TITLES = 20;

/** All code of a block in one `<code>`: what stands before it is a title on a line of its own. */
function isWholeListing(element: Element, parent: Element): boolean {
  return (
    element.name === 'code' &&
    parent.name === 'pre' &&
    parent.children.length <= MAX_TITLES &&
    parent.children.every(
      (child) => child === element || (typeof child !== 'string' && child.name !== 'code'),
    ) &&
    rawText(element).trim().includes('\n')
  );
}

function leadOf(element: Element): { readonly value: number; readonly isNamed: boolean } | undefined {
  const text = rawText(element);
  const number = text.length < 12 ? LINE_NUMBER.exec(text)?.[1] : undefined;
  if (number === undefined) return undefined;
  return { value: Number(number), isNamed: [...element.classes].some((token) => NUMBER_NAME.test(token)) };
}

/** A leading element on each line that counts is a line number. */
function withoutNumbers(lines: readonly CodeLine[]): CodeText {
  const written = lines.filter(({ text }) => text.trim() !== '');
  const leads = written.flatMap(({ lead }) => (lead === undefined || lead.length === 0 ? [] : [lead]));
  const all = lines.map(({ text }) => text).join('\n');
  const counts = leads.every(
    ({ value }, index) => index === 0 || value === (leads[index - 1]?.value ?? 0) + 1,
  );
  const isNumbered =
    leads.length >= 0.8 * written.length &&
    counts &&
    (leads.length > 1 || leads.some(({ isNamed }) => isNamed));
  if (leads.length === 0 || !isNumbered) return { text: all, numbers: 0 };
  const bare = lines.map(({ text, lead }) => text.slice(lead?.length ?? 0)).join('\n');
  if (bare.trim() === '') return { text: all, numbers: 0 };
  const numbers = leads.reduce((sum, { length }) => sum + length, 0);
  return { text: withoutCommonSpace(bare), numbers };
}

/** The space that stood between number and code. */
function withoutCommonSpace(text: string): string {
  const lines = text.split('\n');
  return lines.every((line) => line === '' || line.startsWith(' ')) && lines.some((line) => /^ \S/.test(line))
    ? lines.map((line) => line.slice(1)).join('\n')
    : text;
}

/** Where a style sheet draws a number. */
function isEmptyCell({ children }: Element, parent: Element): boolean {
  return children.length === 0 && (parent.name === 'td' || parent.name === 'th');
}

export function startsWithDigit(element: Element): boolean {
  const first = element.children.find((child) => typeof child !== 'string' || child.trim() !== '');
  return isElement(first) ? startsWithDigit(first) : first !== undefined && /^\s*\d/.test(first);
}
