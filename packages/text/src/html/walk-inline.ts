import { subscript, superscript } from '../notation.ts';
import { linearMath } from './mathml.ts';
import { BLOCK } from './tags.ts';
import {
  type Element,
  find,
  findAll,
  hasAncestor,
  isElement,
  type Node,
  rawText,
  roleOf,
  siblingOf,
} from './tree.ts';
import { visibleText } from './visible-text.ts';
import type { Walk } from './walk.ts';
import { formulaOf, isDisplayed, writeFormula, writeTex } from './walk-formula.ts';
import { isNoteName } from './walk-note.ts';

/** Elements within a line that are more than their text. Answers whether it has written the element. */
export function walkInline(walk: Walk, element: Element): boolean {
  const handler = HANDLERS.get(element.name) ?? handlerByShape(element);
  handler?.(walk, element);
  return handler !== undefined;
}

function handlerByShape(element: Element): Handler | undefined {
  if (isNoteMark(element)) return writeNoteMark;
  if (isDrawnBox(element)) return (walk) => writeBox(walk, boxState(element) === true);
  if (isSideNote(element)) return writeSideNote;
  return isRaisedByStyle(element) ? writeRaised : formulaOf(element);
}

type Handler = (walk: Walk, element: Element) => void;

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['code', writeCode],
  ['samp', writeCode],
  ['tt', writeCode],
  ['sup', writeRaised],
  ['sub', writeRaised],
  ['ruby', writeRuby],
  ['math', (walk, element) => writeFormula(walk, linearMath(element), isDisplayed(element))],
  ['script', writeTex],
  ['q', (walk, element) => marked(walk, element, '"')],
  ['del', (walk, element) => marked(walk, element, '~~')],
  ['s', (walk, element) => marked(walk, element, '~~')],
  ['strike', (walk, element) => marked(walk, element, '~~')],
  ['img', writeImage],
  ['svg', writeDrawing],
  ['input', writeInput],
]);

function marked(walk: Walk, element: Element, mark: string): void {
  walk.buffer.open(mark, mark);
  walk.children(element);
  walk.buffer.close();
}

function writeCode(walk: Walk, element: Element): void {
  if (find(element, ({ name }) => BLOCK.has(name) || name === 'math' || name === 'sup') !== undefined)
    walk.children(element);
  else walk.buffer.code(seenText(element));
}

function seenText(node: Node): string {
  if (typeof node === 'string') return node;
  if (node.loss !== undefined) return '';
  return node.name === 'br' ? '\n' : node.children.map(seenText).join('');
}

/** A link to a footnote whose brackets a style sheet draws. */
function isNoteMark({ name, attributes, classes, parent }: Element): boolean {
  return (
    name === 'a' &&
    parent?.name !== 'sup' &&
    (classes.has('footnote-reference') || attributes['role'] === 'doc-noteref')
  );
}

function writeNoteMark(walk: Walk, element: Element): void {
  const text = walk.plain(element);
  walk.buffer.raw(/^[\p{L}\p{N}]{1,4}$/u.test(text) ? `[${text}]` : text);
}

/** A footnote that stands in the sentence, and that a style sheet moves to the margin. */
function isSideNote({ name, classes }: Element): boolean {
  if (name !== 'span' && name !== 'small') return false;
  return classes.has('sidenote') || classes.has('marginnote') || classes.has('ltx_note_outer');
}

function writeSideNote(walk: Walk, element: Element): void {
  const text = walk.flat(element);
  if (text === '') return;
  walk.buffer.space();
  walk.buffer.raw(`(${text})`);
}

/** Word processors raise and lower letters by a style alone. */
function isRaisedByStyle(element: Element): boolean {
  return (
    styledPlace(element) !== undefined &&
    rawText(element).length < 20 &&
    !hasAncestor(element, (at) => at.name === 'sup' || at.name === 'sub' || styledPlace(at) !== undefined)
  );
}

function styledPlace({ attributes }: Element): string | undefined {
  return /vertical-align\s*:\s*(super|sub)\b/i.exec(attributes['style'] ?? '')?.[1]?.toLowerCase();
}

/** Whether a raised number stands over a lowered one, with a stroke between them. */
function isNumerator(element: Element): boolean {
  const stroke = siblingOf(element, 1);
  const below = siblingOf(element, 2);
  return (
    typeof stroke === 'string' && /^\s*[/⁄]\s*$/.test(stroke) && isElement(below) && below.name === 'sub'
  );
}

function writeRaised(walk: Walk, element: Element): void {
  const isMark =
    find(element, ({ name, attributes }) => name === 'a' && attributes['href'] !== undefined) !== undefined;
  const text = walk.plain(element);
  if (text === '') return;
  const place = { before: walk.buffer.tail, next: nextLetter(element), language: walk.language };
  if (isNumerator(element) && /^\d+$/.test(text) && /[\d\s]$|^$/.test(place.before))
    walk.buffer.raw(/\d$/.test(place.before) ? ` ${text}` : text);
  else if (isMark && /^\d{1,4}$|^\p{L}$|^[*†‡]+$/u.test(text)) walk.buffer.raw(`[${text}]`);
  else if (element.name === 'sup' || styledPlace(element) === 'super')
    walk.buffer.raw(superscript(text, place));
  else walk.buffer.raw(subscript(text, place));
}

/** The letter of the page that comes after an element in the same line. */
function nextLetter(element: Element): string {
  for (
    let at: Element | undefined = element;
    at?.parent !== undefined && !BLOCK.has(at.name);
    at = at.parent
  ) {
    const next = siblingOf(at, 1);
    if (isElement(next) && (BLOCK.has(next.name) || next.name === 'sup' || next.name === 'sub')) return '';
    if (next !== undefined) return rawText(next).slice(0, 1);
  }
  return '';
}

/** Letters with their reading in brackets behind them. */
function writeRuby(walk: Walk, element: Element): void {
  let reading = '';
  const endReading = () => {
    if (reading.trim() !== '') walk.buffer.raw(`(${visibleText(reading).trim()})`);
    reading = '';
  };
  for (const part of rubyParts(element)) {
    if (isElement(part) && part.name === 'rt') {
      reading += rawText(part);
      continue;
    }
    if (isElement(part) || part.trim() !== '') endReading();
    if (isElement(part)) walk.element(part);
    else walk.buffer.text(part);
  }
  endReading();
}

function rubyParts(element: Element): Node[] {
  return element.children.flatMap((child) => {
    if (!isElement(child)) return [child];
    if (child.name === 'rp') return [];
    return child.name === 'rb' || child.name === 'rtc' ? rubyParts(child) : [child];
  });
}

const NO_ALT =
  /^(?:image|img|icon|photo|picture|logo|spacer|bullet|\W*)$|^\S+\.(?:png|jpe?g|gif|svg|webp|avif)$/i;

function writeImage(walk: Walk, { attributes }: Element): void {
  const alt = (attributes['alt'] ?? '').trim();
  const source = [attributes['data-src'], attributes['data-lazy-src'], attributes['src']].find(
    (url) => url && !url.startsWith('data:'),
  );
  if (alt === '' || NO_ALT.test(alt) || isNoteName(alt.replace(/[[\]]/g, ''))) return;
  const isLinked = walk.buffer.isMarkdown && source !== undefined;
  if (isLinked) walk.buffer.open('![', `](${walk.resolve(source)})`);
  walk.buffer.text(alt);
  if (isLinked) walk.buffer.close();
}

function writeDrawing(walk: Walk, element: Element): void {
  const title = element.children.find((child) => typeof child !== 'string' && child.name === 'title');
  const texts = findAll(element, ({ name }) => name === 'text' || name === 'desc').map(rawText);
  const words = [title === undefined ? '' : rawText(title), ...texts]
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (words.length === 0 || (roleOf(element) !== 'img' && element.attributes['aria-hidden'] === 'true'))
    return;
  walk.buffer.space();
  walk.buffer.text(words.join(' '));
  walk.buffer.space();
}

function writeInput(walk: Walk, { attributes }: Element): void {
  const type = attributes['type']?.toLowerCase() ?? 'text';
  if (type !== 'checkbox' && type !== 'radio') {
    walk.buffer.code(attributes['value'] ?? '');
    return;
  }
  if (type === 'checkbox') writeBox(walk, attributes['checked'] !== undefined);
}

function writeBox(walk: Walk, isChecked: boolean): void {
  if (walk.pending !== undefined && walk.buffer.isEmpty) walk.pending.checked = isChecked;
  else if (walk.isFlat) walk.buffer.raw(isChecked ? '[x] ' : '[ ] ');
}

/** A box to tick that is drawn by a style sheet: it holds no text, and its role or name says how it stands. */
export function isDrawnBox(element: Element): boolean {
  return element.name !== 'input' && element.text === 0 && boxState(element) !== undefined;
}

function boxState(element: Element): boolean | undefined {
  const { attributes, classes } = element;
  if (roleOf(element) === 'checkbox') return attributes['aria-checked'] === 'true';
  if (classes.has('checkbox-on')) return true;
  return classes.has('checkbox-off') ? false : undefined;
}
