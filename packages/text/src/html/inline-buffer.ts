import { longestRun } from '../stored-form.ts';
import { escapeLineStart, escapeText } from './escape.ts';
import { visibleText } from './visible-text.ts';

const KEPT = 40;
/** Code spans that touch are joined up to this length. */
const MAX_JOINED = 1000;

interface Mark {
  readonly open: string;
  readonly close: string;
  isWritten: boolean;
}

/**
 * The text of one block as it is put together: white space is collapsed as a browser does it, marks hug what they mark,
 * and code spans that touch become one.
 */
export class InlineBuffer {
  readonly isMarkdown: boolean;
  readonly #marks: Mark[] = [];
  /** Never read before the end: a paragraph of a megabyte must not be looked through at each word. */
  #done = '';
  #out = '';
  #hasSpace = false;
  #code: { readonly start: number; readonly end: number; readonly text: string } | undefined;

  constructor({ isMarkdown }: { readonly isMarkdown: boolean }) {
    this.isMarkdown = isMarkdown;
  }

  get isEmpty(): boolean {
    return this.#out === '';
  }

  /** The end of what was written, to see what a raised letter belongs to; a space when one comes next. */
  get tail(): string {
    return this.#hasSpace ? ' ' : this.#out.slice(-KEPT);
  }

  get endsInBreak(): boolean {
    return this.#out.endsWith('\n');
  }

  /** Text of the page. */
  text(data: string): void {
    const text = visibleText(data).replace(/[ \t\n\r\f]+/g, ' ');
    if (text === '') return;
    if (text === ' ') {
      this.space();
      return;
    }
    if (text.startsWith(' ')) this.space();
    const body = text.trim();
    this.#write(this.isMarkdown ? escapeText(body) : body);
    if (text.endsWith(' ')) this.space();
  }

  /** Something of our own making that is written as it is. */
  raw(text: string): void {
    if (text !== '') this.#write(text);
  }

  space(): void {
    if (this.#out !== '' && !this.endsInBreak) this.#hasSpace = true;
  }

  lineBreak(): void {
    this.#hasSpace = false;
    if (this.#out !== '') this.#out += this.isMarkdown && !this.endsInBreak ? '\\\n' : '\n';
  }

  code(source: string): void {
    const text = visibleText(source).replace(/\s+/g, ' ');
    const body = text.trim();
    if (body === '') return;
    if (text.startsWith(' ')) this.space();
    const before = this.#code;
    const touches = before !== undefined && before.end === this.#out.length && !this.#hasSpace;
    if (touches && before.text.length > MAX_JOINED) {
      this.#write(' ');
      this.code(source);
      return;
    }
    const whole = touches ? before.text + body : body;
    if (touches) this.#out = this.#out.slice(0, before.start);
    else this.#writeOpening();
    const start = this.#out.length;
    this.#out += codeSpan(whole);
    this.#code = { start, end: this.#out.length, text: whole };
    if (text.endsWith(' ')) this.space();
  }

  open(open: string, close: string): void {
    this.#marks.push({ open, close, isWritten: false });
  }

  /** Ends the mark that was opened last. */
  close(): void {
    const mark = this.#marks.pop();
    if (mark?.isWritten) this.#out += mark.close;
  }

  /** The text so far; marks that are still open go on in the next text. */
  take(): string {
    for (const mark of this.#marks.toReversed()) {
      if (mark.isWritten) this.#out += mark.close;
      mark.isWritten = false;
    }
    const text = (this.#done + this.#out).replace(/(?:\\?\n)+$/, '').trim();
    this.#done = '';
    this.#out = '';
    this.#hasSpace = false;
    this.#code = undefined;
    return this.isMarkdown ? escapeLineStart(text) : text;
  }

  #write(text: string): void {
    this.#writeOpening();
    this.#out += text;
    if (this.#out.length < 4096) return;
    this.#done += this.#out.slice(0, -KEPT);
    this.#out = this.#out.slice(-KEPT);
    this.#code = undefined;
  }

  #writeOpening(): void {
    if (this.#hasSpace) this.#out += ' ';
    this.#hasSpace = false;
    for (const mark of this.#marks) {
      if (!mark.isWritten) this.#out += mark.open;
      mark.isWritten = true;
    }
  }
}

function codeSpan(text: string): string {
  const run = longestRun(text);
  if (run === 0) return `\`${text}\``;
  const fence = '`'.repeat(run + 1);
  return `${fence} ${text} ${fence}`;
}
