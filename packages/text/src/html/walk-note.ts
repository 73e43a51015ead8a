import { HEADING } from './tags.ts';
import { type Element, elementsIn, find, rawText, roleOf } from './tree.ts';
import type { Walk } from './walk.ts';

const NOTE_NAMES =
  'note tip warning caution danger important info hint attention error success seealso callout admonition example todo remark notice';
const NAMES: ReadonlySet<string> = new Set(NOTE_NAMES.split(' '));
const BOXES =
  /^(?:admonitionblock|markdown-alert|custom-block|alert|hint|notice|message|aside|starlight-aside|blockquote-tag|(?:[a-z]+-)?(?:admonition|callout|notecard|information-macro))$/i;
const NOTE_TAGS = new Set(['div', 'aside', 'section', 'blockquote', 'p']);
const TITLE_NAME = /(?:title|heading|header|label)/i;

/** Whether an element is a note, tip or warning: by the names that generators give to such boxes. */
export function isNote(element: Element): boolean {
  if (!NOTE_TAGS.has(element.name) || element.text > 6000) return false;
  if (/^doc-(?:tip|notice|footnote)$/.test(roleOf(element)) || roleOf(element) === 'note') return true;
  return (
    [...element.classes].some((token) => NAMES.has(token) || BOXES.test(token)) &&
    find(element, ({ name }) => name === 'h1') === undefined
  );
}

export function walkNote(walk: Walk, element: Element): void {
  walk.settle();
  const box = boxOf(element);
  const title = titleOf(box) ?? titleOf(element);
  const label =
    title === undefined
      ? nameOf(element)
      : walk
          .plain(title)
          .replace(/\s*[:：!.]+$/, '')
          .replace(/^\[(.*)\]$/, '$1');
  walk.hold({ standsAlone: label !== undefined, write: (text) => walk.writer.note(text, label) }, () => {
    for (const said of [title, iconOf(box)]) if (said !== undefined) said.loss = '';
    walk.children(element);
  });
}

/** DocBook lays notes out as a table of an icon, a title and the text. */
function boxOf(element: Element): Element {
  const table = elementsIn(element).find(({ loss }) => loss === undefined);
  return table?.name === 'table' ? table : element;
}

/** The first element of a box when it is a title by its tag or its name. */
function titleOf(element: Element): Element | undefined {
  if (element.name === 'table') return find(element, isIconTitle);
  let at: Element | undefined = element;
  for (let depth = 0; depth < 3 && at !== undefined; depth += 1) {
    const first: Element | undefined = elementsIn(at).find(
      ({ text, loss }) => text > 0 && loss === undefined,
    );
    if (first === undefined || hasTextBefore(at, first)) return undefined;
    if (first.text < 100 && isTitle(first)) return first;
    at = first;
  }
  return undefined;
}

/** A picture of letters before the text says no more than the box. */
function iconOf(box: Element): Element | undefined {
  const first = elementsIn(box).find(({ text, loss }) => text > 0 && loss === undefined);
  const isIcon =
    first !== undefined &&
    first.text < 9 &&
    /^(?:\p{Extended_Pictographic}|\ufe0f|\s)+$/u.test(rawText(first));
  return isIcon && box.text > first.text ? first : undefined;
}

/** The head of a box: alone in its row but for the cell of the icon. */
function isIconTitle({ name, text, parent }: Element): boolean {
  if (name !== 'th' || text === 0 || parent === undefined) return false;
  const others = elementsIn(parent).filter((cell) => cell.name === 'td' || cell.name === 'th');
  return others.length === 2 && others.some((cell) => find(cell, isImage) !== undefined);
}

const isImage = ({ name }: Element) => name === 'img' || name === 'svg';

function hasTextBefore(element: Element, child: Element): boolean {
  const before = element.children.slice(0, child.index);
  return before.some((node) => typeof node === 'string' && node.trim() !== '');
}

function isTitle(element: Element): boolean {
  const { name, classes, parent } = element;
  if (HEADING.has(name) || name === 'summary' || [...classes].some((token) => TITLE_NAME.test(token)))
    return true;
  const isStrong = name === 'strong' || name === 'b';
  // The whole of its line, or a word with a colon.
  return (
    isStrong &&
    parent !== undefined &&
    (parent.text === element.text ||
      /[:：]\s*$/.test(rawText(element)) ||
      isNoteName(rawText(element).replace(/[\s!.]+$/, '')))
  );
}

function nameOf(element: Element): string | undefined {
  for (const token of element.classes) {
    const name =
      /^(?:admonition-|alert-|markdown-alert-|theme-admonition-|callout-|hint-|alert--)?([a-z]+)$/.exec(
        token.toLowerCase(),
      )?.[1];
    if (
      name !== undefined &&
      NAMES.has(name) &&
      !/^(?:admonition|callout|example|notice|success|error|info)$/.test(name)
    )
      return name[0]?.toUpperCase() + name.slice(1);
  }
  return undefined;
}

export function isNoteName(text: string): boolean {
  return NAMES.has(text.trim().toLowerCase());
}
