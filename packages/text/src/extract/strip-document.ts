import { type DomDocument, type DomElement, elementsOf } from './dom.ts';
import { texOf } from './math.ts';

const DROPPED_TAGS = new Set(
  'TITLE SCRIPT STYLE NOSCRIPT TEMPLATE SVG IFRAME OBJECT EMBED CANVAS VIDEO AUDIO LINK BUTTON SELECT TEXTAREA DIALOG NAV'.split(
    ' ',
  ),
);
const HIDDEN_STYLE = /display\s*:\s*none|visibility\s*:\s*hidden|(opacity|font-size)\s*:\s*0(?![.\d]*[1-9])/i;
const DROPPED_CLASS =
  /(^|\s)(headerlink|hash-link|anchorjs-link|header-anchor|heading-anchor|sr-only|visually-hidden|screen-reader-text|skip-link|copybtn|clipboard-copy|lineno|linenos|line-numbers-rows|zeroclipboard-container)(\s|$)/;

/**
 * Removes everything that is not for readers: scripts, forms' controls, navigation, and all elements that are hidden
 * from them, which is where instructions to models are put. Panels of tabs stay: one of them is always hidden.
 */
export function stripDocument(document: DomDocument): void {
  for (const element of elementsOf(document.documentElement)) {
    const tag = element.nodeName;
    if (tag === 'MATH') element.replaceWith(texOf(element));
    else if (isDropped(tag, element)) element.remove();
  }
}

function isDropped(tag: string, element: DomElement): boolean {
  if (DROPPED_TAGS.has(tag)) return true;
  if (tag === 'INPUT') return element.getAttribute('type') !== 'checkbox';
  if (tag === 'BODY' || tag === 'HTML' || tag === 'MAIN') return false;
  const className = element.getAttribute('class');
  if (className !== null && DROPPED_CLASS.test(className)) return true;
  return isHidden(element) || isPermalink(tag, element);
}

function isHidden(element: DomElement): boolean {
  const style = element.getAttribute('style');
  const isMarked =
    element.hasAttribute('hidden') ||
    element.getAttribute('aria-hidden') === 'true' ||
    (style !== null && HIDDEN_STYLE.test(style));
  return isMarked && element.getAttribute('role') !== 'tabpanel';
}

/** The sign beside a heading that links to it. */
function isPermalink(tag: string, element: DomElement): boolean {
  return tag === 'A' && /^[¶#§🔗]$/u.test((element.textContent ?? '').trim());
}
