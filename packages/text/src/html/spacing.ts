import { BLOCK } from './tags.ts';
import { type Element, find, isElement, rawText, roleOf, siblingOf } from './tree.ts';
import { isDrawnBox } from './walk-inline.ts';

/** Lines of a verse, an address or a synopsis are one paragraph. */
export function isVerseLine({ classes, parent }: Element): boolean {
  return classes.has('line') && parent?.classes.has('line-block') === true;
}

export function isShownAsBlock(element: Element): boolean {
  if (BLOCK.has(element.name)) return !isDrawnBox(element);
  const style = element.attributes['style'];
  return style !== undefined && /display\s*:\s*(?:block|flex|grid|list-item|table)/i.test(style);
}

/** Elements that a page shows apart from each other although no space is between them. */
export function isSpaced(element: Element): boolean {
  const { name } = element;
  return (
    name === 'button' ||
    name === 'label' ||
    name === 'option' ||
    roleOf(element) === 'tab' ||
    isCardLink(element) ||
    isBadge(element) ||
    (name === 'cite' && /[:：]\s*$/.test(rawText(element)))
  );
}

const BADGE_NAME = /^(?:[a-z]+-)?(?:badge|pill|chip|tag)$/i;
const LABEL_NAME = /(?:^|[-_])(?:label|name|key|term|title|property)$/i;
const VALUE_NAME = /(?:^|[-_])(?:value|val|data|text|amount|content|desc|description)$/i;

/** A name and its value in two boxes that a style sheet sets apart. */
export function isValueOfLabel(element: Element): boolean {
  const before = siblingOf(element, -1);
  return isElement(before) && isNamed(element, VALUE_NAME) && isNamed(before, LABEL_NAME);
}

/** A small box; a mark that ends the sentence stands right behind it. */
function isBadge(element: Element): boolean {
  return isNamed(element, BADGE_NAME) && isElement(siblingOf(element, 1));
}

function isNamed({ classes }: Element, name: RegExp): boolean {
  for (const token of classes) if (name.test(token)) return true;
  return false;
}

function isCardLink(element: Element): boolean {
  return element.name === 'a' && find(element, ({ name }) => BLOCK.has(name)) !== undefined;
}
