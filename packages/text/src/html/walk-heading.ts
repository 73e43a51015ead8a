import { isCodeBlock } from './code-shape.ts';
import { isTable } from './table-rows.ts';
import { HEADING } from './tags.ts';
import { type Element, elementsIn, find } from './tree.ts';
import type { Walk } from './walk.ts';
import { pendingTerm } from './walk-definitions.ts';

/** Longer text is no heading, whatever its tag says. */
const MAX_HEADING = 500;

/** Answers whether the element was written as a heading. */
export function walkHeading(walk: Walk, element: Element): boolean {
  const holdsBlock = find(element, ({ name }) => name === 'table' || name === 'pre') !== undefined;
  if (element.text > MAX_HEADING || holdsBlock) return false;
  const text = walk.flat(element);
  if (text === '') return true;
  // A heading within a step or a note is the text of it.
  if (walk.pending?.standsAlone) {
    walk.buffer.raw(text);
    walk.flush();
    return true;
  }
  walk.pending = undefined;
  walk.writer.heading(levelOf(element), text);
  return true;
}

function levelOf({ name, attributes }: Element): number {
  const level = Number.parseInt(HEADING.has(name) ? name.slice(1) : (attributes['aria-level'] ?? '2'), 10);
  return Number.isNaN(level) ? 2 : level;
}

/** What opens is said by its summary, as a term is by its definition. Answers whether it was written so. */
export function walkDetails(walk: Walk, element: Element): boolean {
  const summary = elementsIn(element).find(({ name, loss }) => name === 'summary' && loss === undefined);
  if (summary === undefined || summary.text === 0 || summary.text > MAX_HEADING) return false;
  const isBlock = (at: Element) => HEADING.has(at.name) || isTable(at) || isCodeBlock(at, undefined);
  if (find(summary, isBlock) !== undefined) return false;
  walk.hold(pendingTerm(walk.writer, walk.plain(summary)), () => {
    for (const child of element.children) {
      if (typeof child === 'string') walk.buffer.text(child);
      else if (child !== summary) walk.element(child);
    }
  });
  return true;
}
