import { codeLanguage } from './code-language.ts';
import { codeText, countsLines, startsWithDigit } from './code-text.ts';
import { BLOCK } from './tags.ts';
import { type Element, elementsIn, find, isElement, siblingOf } from './tree.ts';
import type { Walk } from './walk.ts';

/** Writes a block of code, or leaves it out when it is only the line numbers of the block beside it. */
export function walkCode(walk: Walk, element: Element): void {
  walk.settle();
  const { text, numbers } = codeText(element);
  if (countsLines(text) && isBesideCode(element, text)) {
    walk.writer.lose('line-numbers', text.trim().length);
    return;
  }
  walk.writer.lose('line-numbers', numbers);
  for (const lost of elementsIn(element)) if (lost.loss) walk.writer.lose(lost.loss, lost.text);
  walk.writer.code(text, codeLanguage(element));
}

/** Leaves out a column of line numbers that is no `<pre>`. Answers whether the element was one. */
export function walkNumbers(walk: Walk, element: Element): boolean {
  if (!BLOCK.has(element.name) || !startsWithDigit(element)) return false;
  const { text } = codeText(element);
  if (!/^[\d\s]+$/.test(text) || !isBesideCode(element, text)) return false;
  walk.writer.lose('line-numbers', text.trim().length);
  return true;
}

/** Whether a block of as many lines stands beside a block of nothing but numbers. */
function isBesideCode(element: Element, text: string): boolean {
  // A column may leave its first lines blank, where the code has a head of its own.
  const lines = [text.trim(), text.trimEnd()].map((block) => block.split('\n').length);
  let at: Element | undefined = element;
  for (let depth = 0; depth < 3 && at !== undefined; depth += 1) {
    for (const step of [1, 2, -1, -2]) {
      const beside = siblingOf(at, step);
      if (isElement(beside) && lines.some((count) => hasLines(beside, count))) return true;
    }
    at = at.parent;
  }
  return false;
}

function hasLines(element: Element, lines: number): boolean {
  const block = element.name === 'pre' ? element : find(element, ({ name }) => name === 'pre');
  const code = block === undefined ? '' : codeText(block).text.trim();
  return code !== '' && !countsLines(code) && Math.abs(code.split('\n').length - lines) < 2;
}
