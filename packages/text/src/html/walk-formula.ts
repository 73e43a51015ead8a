import { linearKatex } from './katex.ts';
import { linearMath } from './mathml.ts';
import { type Element, find, isElement, rawText, siblingOf } from './tree.ts';
import { visibleText } from './visible-text.ts';
import type { Walk } from './walk.ts';

export function isDisplayed({ attributes }: Element): boolean {
  return attributes['display'] === 'block' || attributes['mode'] === 'display';
}

export function writeFormula(walk: Walk, text: string, isDisplay: boolean): void {
  if (text === '') return;
  if (!isDisplay || walk.isFlat || walk.pending !== undefined || !walk.buffer.isEmpty) {
    if (isDisplay || (/^\d/.test(text) && /\d$/.test(walk.buffer.tail))) walk.buffer.space();
    walk.buffer.raw(text);
    if (isDisplay) walk.buffer.space();
    return;
  }
  walk.settle();
  walk.writer.math(text);
}

export function writeTex(walk: Walk, element: Element): void {
  const type = element.attributes['type'] ?? '';
  writeFormula(
    walk,
    visibleText(rawText(element)).replace(/\s+/g, ' ').trim(),
    /mode\s*=\s*display/.test(type),
  );
}

/** Formulas that scripts have laid out: the one of several forms that is for machines, else the one that is drawn. */
export function formulaOf(element: Element): ((walk: Walk, element: Element) => void) | undefined {
  const { classes, name } = element;
  if (name === 'mjx-container') return writeMathJax;
  if (classes.size === 0) return undefined;
  if (classes.has('katex') || classes.has('katex-display')) return writeKatex;
  if (classes.has('mwe-math-element')) return writeWikiMath;
  const isOldMathJax = [...classes].some((token) =>
    /^(?:MathJax(?:_Display|_SVG|_CHTML|_Preview)?|mjx-chtml|MJXc-display)$/.test(token),
  );
  return isOldMathJax ? writeOldMathJax : undefined;
}

const isMath = ({ name }: Element) => name === 'math';

function writeMathJax(walk: Walk, element: Element): void {
  const drawn = find(element, isMath) ?? find(element, ({ name }) => name === 'mjx-math');
  if (drawn !== undefined) writeFormula(walk, linearMath(drawn), element.attributes['display'] === 'true');
  else walk.buffer.text(element.attributes['aria-label'] ?? '');
}

function writeKatex(walk: Walk, element: Element): void {
  const isDisplay =
    element.classes.has('katex-display') || element.parent?.classes.has('katex-display') === true;
  const math = find(element, isMath);
  const drawn = find(element, ({ classes }) => classes.has('katex-html'));
  if (math !== undefined) writeFormula(walk, linearMath(math), isDisplay);
  else if (drawn !== undefined) writeFormula(walk, linearKatex(drawn), isDisplay);
  else walk.children(element);
}

function writeWikiMath(walk: Walk, element: Element): void {
  const math = find(element, isMath);
  const image = find(element, ({ name }) => name === 'img');
  if (math !== undefined) writeFormula(walk, linearMath(math), isDisplayed(math));
  else walk.buffer.text(image?.attributes['alt'] ?? rawText(element));
}

/** Its source stands in a script beside it. */
function writeOldMathJax(walk: Walk, element: Element): void {
  const near = [1, 2, 3].map((step) => siblingOf(element, step)).filter(isElement);
  if (near.some(({ name, loss }) => name === 'script' && loss === undefined)) return;
  const math = find(element, isMath);
  if (math === undefined) walk.children(element);
  else
    writeFormula(
      walk,
      linearMath(math),
      [...element.classes].some((token) => /display/i.test(token)),
    );
}
