import type { Generator } from './generators.ts';
import { type Element, elementsIn, rawText } from './tree.ts';

const LINE_NAME =
  /^(?:line|code-?line|view-line|cm-line|ace_line|CodeMirror-line|ec-line|highlight-line|token-line|react-code-line\w*)$/i;

/** One line of code in an element of its own. */
export function isCodeLine({ classes }: Element): boolean {
  for (const token of classes) if (LINE_NAME.test(token)) return true;
  return false;
}

const PRE = new Set(['pre', 'listing', 'xmp', 'plaintext']);

/** Whether an element is a block of code by its tag or its shape. */
export function isCodeBlock(element: Element, generator: Generator | undefined): boolean {
  const { name, attributes } = element;
  if (PRE.has(name)) return true;
  if (name === 'textarea') return true;
  if (generator?.code?.(element)) return true;
  if (name === 'code') return isListing(element);
  if (name !== 'div' && name !== 'figure' && name !== 'section' && name !== 'ol' && name !== 'ul')
    return false;
  return isMonospaced(attributes['style']) || isVerbatim(element) || isMadeOfLines(element);
}

/** A `<code>` of several lines. */
function isListing(element: Element): boolean {
  if (!element.children.some((child) => typeof child !== 'string' || child.includes('\n'))) return false;
  const text = rawText(element).trim();
  if (!text.includes('\n')) return false;
  const hasBreaks = hasBreak(element);
  const alone = element.parent?.children.every(
    (child) => child === element || (typeof child === 'string' && child.trim() === ''),
  );
  return (
    hasBreaks ||
    (alone === true && /white-space\s*:\s*pre|display\s*:\s*block/i.test(element.attributes['style'] ?? ''))
  );
}

function hasBreak(element: Element): boolean {
  return elementsIn(element).some((child) => child.name === 'br' || hasBreak(child));
}

function isMonospaced(style: string | undefined): boolean {
  return (
    style !== undefined &&
    /white-space\s*:\s*pre\b/i.test(style) &&
    /font-family\s*:[^;]*(?:mono|courier|consolas|menlo)/i.test(style)
  );
}

/** The names under which TeX sets text as it is typed. */
function isVerbatim({ name, classes }: Element): boolean {
  if (name !== 'div') return false;
  for (const token of classes) if (/^(?:verbatim|fancyvrb|lstlisting)$/i.test(token)) return true;
  return false;
}

function isMadeOfLines(element: Element): boolean {
  // Lines of a verse or an address.
  if (element.classes.has('line-block')) return false;
  const children = elementsIn(element);
  if (
    children.length === 0 ||
    children.length !==
      element.children.filter((child) => typeof child !== 'string' || child.trim() !== '').length
  )
    return false;
  return children.every((child) => child.name !== 'pre' && isCodeLine(child));
}
