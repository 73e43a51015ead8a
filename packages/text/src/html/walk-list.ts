import type { NumberFormat } from '../format-number.ts';
import { type Element, elementsIn, find, hasAncestor, rawText, roleOf } from './tree.ts';
import type { Pending, Walk } from './walk.ts';

const LISTS = new Set(['ul', 'ol', 'menu', 'dir']);

export function isList(element: Element): boolean {
  return LISTS.has(element.name) || (roleOf(element) === 'list' && element.name === 'div');
}

const isItem = (element: Element) => element.name === 'li' || roleOf(element) === 'listitem';
/** Items that are long parts of a page, and no steps or points. */
const isHeadingIn = ({ name }: Element) => /^h[1-6]$/.test(name);

export function walkList(walk: Walk, list: Element): void {
  walk.settle();
  if (isFootnotes(list)) {
    walkNotes(walk, list);
    return;
  }
  const { writer } = walk;
  const number = writer.openList();
  const depth = walk.listDepth;
  const parent = writer.parent;
  let ordinal = startOf(list);
  const format = formatOf(list);
  const step = list.attributes['reversed'] === undefined ? 1 : -1;
  let last = parent;
  walk.listDepth += 1;
  for (const child of list.children) {
    if (typeof child === 'string') {
      walk.buffer.text(child);
      continue;
    }
    if (child.loss !== undefined) {
      walk.element(child);
      continue;
    }
    writer.parent = parent;
    if (!isItem(child)) {
      // A list directly in a list belongs to the item above it.
      if (isList(child)) writer.parent = last;
      else walk.listDepth = depth;
      walk.element(child);
      walk.listDepth = depth + 1;
      continue;
    }
    const written = takeMarker(child);
    ordinal = numberOf(child) ?? written ?? ordinal;
    last = walkItem(walk, child, {
      list: number,
      depth,
      ordinal: isNumbered(list, written) ? ordinal : undefined,
      format,
    });
    ordinal += step;
  }
  walk.flush();
  writer.parent = parent;
  walk.listDepth = depth;
}

interface ItemPlace {
  readonly list: number;
  readonly depth: number;
  readonly ordinal: number | undefined;
  readonly format: NumberFormat;
}

/** Index of the item, or of the block that it belongs to when it has none of its own. */
function walkItem(walk: Walk, element: Element, place: ItemPlace): number {
  const { writer } = walk;
  let index = writer.parent;
  walk.flush();
  if (
    place.ordinal === undefined &&
    elementsIn(element).some(
      (child) => isHeadingIn(child) || (child.name === 'section' && find(child, isHeadingIn) !== undefined),
    )
  ) {
    walk.listDepth -= 1;
    walk.element(element);
    walk.listDepth += 1;
    return index;
  }
  const pending: Pending = {
    standsAlone: place.ordinal !== undefined,
    write: (text) => {
      index = writer.item(text, { ...place, checked: pending.checked });
      return index;
    },
  };
  walk.hold(pending, () => walk.element(element));
  return index;
}

const MARKER = /^\s*(?:[•·◦▪‣⁃■○]|(\d{1,4})[.)])\s*$/;

/** Leaves out the bullet or the number that a page writes itself, and answers the number. */
function takeMarker(item: Element): number | undefined {
  const first = item.children.find((child) => typeof child !== 'string' || child.trim() !== '');
  if (first === undefined || typeof first === 'string' || first.loss !== undefined) return undefined;
  const marker = first.text < 7 && item.text > first.text ? MARKER.exec(rawText(first)) : null;
  if (marker === null) return undefined;
  first.loss = '';
  return marker[1] === undefined ? undefined : Number(marker[1]);
}

const isNumbered = ({ name }: Element, written: number | undefined) => name === 'ol' || written !== undefined;

function startOf({ attributes, children }: Element): number {
  const start = Number.parseInt(attributes['start'] ?? '', 10);
  if (Number.isSafeInteger(start)) return start;
  if (attributes['reversed'] === undefined) return 1;
  return children.filter((child) => typeof child !== 'string' && isItem(child)).length;
}

function numberOf({ attributes }: Element): number | undefined {
  const value = Number.parseInt(attributes['value'] ?? '', 10);
  return Number.isSafeInteger(value) ? value : undefined;
}

const STYLES: Readonly<Record<string, NumberFormat>> = {
  'decimal-leading-zero': '01',
  'lower-alpha': 'a',
  'lower-latin': 'a',
  'lower-roman': 'i',
  'upper-alpha': 'A',
  'upper-latin': 'A',
  'upper-roman': 'I',
};

function formatOf({ attributes }: Element): NumberFormat {
  const style = /list-style(?:-type)?\s*:[^;]*?\b((?:decimal-leading|lower|upper)-[a-z]+)/i.exec(
    attributes['style'] ?? '',
  );
  const type = /^[aAiI]$/.exec(attributes['type'] ?? '');
  return STYLES[style?.[1]?.toLowerCase() ?? ''] ?? (type?.[0] as NumberFormat | undefined) ?? '1';
}

const FOOTNOTES = /^(?:footnotes?(?:-list)?|endnotes|fn-list|references)$/i;

function isFootnotes(list: Element): boolean {
  const isNotes = (element: Element) =>
    [...element.classes].some((token) => FOOTNOTES.test(token)) ||
    /^doc-(?:footnotes|endnotes)$/.test(roleOf(element));
  return list.name === 'ol' && (isNotes(list) || hasAncestor(list, isNotes));
}

function walkNotes(walk: Walk, list: Element): void {
  let ordinal = startOf(list);
  for (const item of elementsIn(list)) {
    const label = String(numberOf(item) ?? ordinal);
    walk.hold({ standsAlone: false, write: (text) => walk.writer.note(text, label) }, () =>
      walk.element(item),
    );
    ordinal += 1;
  }
}
