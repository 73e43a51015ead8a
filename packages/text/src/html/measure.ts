import { lossAtStart, lossByShape } from './clutter.ts';
import type { MeasureContext } from './measure-context.ts';
import { CONTAINER } from './tags.ts';
import { type Element, elementsIn, isElement, roleOf } from './tree.ts';

/**
 * Sets `text`, `linked` and `loss` of all elements: how much text a reader sees in them, and by which rule they are left
 * out. Clutter is known by its role and its shape. Words in ids and classes only count together with the shape.
 */
export function measure(root: Element, context: MeasureContext): void {
  measureElement(root, context, false);
}

function measureElement(element: Element, context: MeasureContext, isInMain: boolean): void {
  element.text = 0;
  element.linked = 0;
  const isMainPart = isInMain || MAIN_PART.has(element.name) || roleOf(element) === 'main';
  let previous: Element | undefined;
  for (const child of element.children) {
    if (!isElement(child)) {
      element.text += child.trim().length;
      continue;
    }
    child.loss = lossAtStart(child, previous, context);
    if (child.loss !== '') measureElement(child, context, isMainPart);
    child.loss ??= lossByShape(child, context, isMainPart);
    if (child.name === 'img') child.text = child.attributes['alt']?.trim().length ?? 0;
    if (child.loss === undefined) {
      element.text += child.text;
      element.linked += child.linked;
    }
    previous = child;
  }
  if (element.name === 'a' && element.attributes['href'] !== undefined) element.linked = element.text;
}

const MAIN_PART = new Set(['main', 'article', 'section', 'blockquote', 'figure', 'td', 'details']);

/** Goes down to where the text is: while one child holds nearly all of what is no link. */
export function descend(from: Element): Element {
  let at = from;
  for (let next: Element | undefined = from; next !== undefined; next = mainChild(at)) at = next;
  // A table is read as a whole, unless one of its cells holds the page.
  while (TABLE_PARTS.has(at.name) && at.parent !== undefined) at = at.parent;
  return at;
}

const TABLE_PARTS = new Set(['table', 'thead', 'tbody', 'tfoot', 'tr']);

function mainChild(element: Element): Element | undefined {
  const all = element.text - element.linked;
  if (all === 0) return undefined;
  return elementsIn(element).find(
    (child) =>
      child.loss === undefined && CONTAINER.has(child.name) && child.text - child.linked >= 0.85 * all,
  );
}
