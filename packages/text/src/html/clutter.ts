import type { MeasureContext } from './measure-context.ts';
import { HEADING, UNSEEN } from './tags.ts';
import { type Element, find, rawText, roleOf, siblingOf } from './tree.ts';
import { isHidden, isToggle } from './visibility.ts';

/** The rule for an element that is left out whatever it holds. */
export function lossAtStart(
  element: Element,
  previous: Element | undefined,
  context: MeasureContext,
): string | undefined {
  const { name, attributes } = element;
  if (UNSEEN.has(name)) return isSeen(element) ? undefined : '';
  if (isHidden(element, previous, context.facts))
    return find(element, isMath) === undefined ? 'hidden' : undefined;
  if (context.generator?.drop?.(element)) return 'boilerplate';
  if (name === 'select' || name === 'textarea' || name === 'input' || name === 'button')
    return lossOfControl(element);
  if (COPY.has(name) || (attributes['role'] === 'button' && isCopyButton(element))) return 'controls';
  if (name === 'a' && isPermalink(element)) return 'permalink';
  return isIcon(element) ? '' : LOSS_BY_ROLE.get(roleOf(element));
}

const LOSS_BY_ROLE = new Map([
  ['search', 'search'],
  ['dialog', 'dialog'],
  ['alertdialog', 'dialog'],
  ['menu', 'navigation'],
  ['menubar', 'navigation'],
  ['toolbar', 'controls'],
  ['tooltip', 'tooltip'],
]);
const COPY = new Set(['clipboard-copy', 'copy-button']);
const isMath = ({ name }: Element) => name === 'math';

/** What scripts and templates hold is for readers when it is a formula or a shadow root. */
function isSeen({ name, attributes }: Element): boolean {
  if (name === 'script') return /^math\/(?:tex|asciimath|mml)/i.test(attributes['type'] ?? '');
  return name === 'template' && (attributes['shadowrootmode'] ?? attributes['shadowroot']) !== undefined;
}

function lossOfControl(element: Element): string | undefined {
  const { name, attributes } = element;
  const isReadOnly = attributes['readonly'] !== undefined || attributes['disabled'] !== undefined;
  if (name === 'input') {
    const type = attributes['type']?.toLowerCase() ?? 'text';
    return type === 'checkbox' || type === 'radio' || (isReadOnly && type !== 'hidden') ? undefined : '';
  }
  if (name !== 'button') return isReadOnly && name === 'textarea' ? undefined : 'controls';
  if (isCopyButton(element)) return 'controls';
  if (isToggle(element) || hasPanelParent(element) || namesColumn(element)) return undefined;
  return isInSentence(element) ? undefined : 'controls';
}

/** A sentence that names the button has words near it. */
function isInSentence(button: Element): boolean {
  return [-3, -2, -1, 1, 2, 3].some((step) => {
    const beside = siblingOf(button, step);
    return typeof beside === 'string' && beside.trim().length > 2;
  });
}

const LABELLED = new Set(['dt', 'tablist']);

/** The head of a column that is sorted by a click on its name. */
function namesColumn(element: Element): boolean {
  if (!/[\p{L}\p{N}]/u.test(rawText(element))) return false;
  let at = element.parent;
  for (let depth = 0; depth < 3 && at !== undefined; depth += 1) {
    if (at.name === 'th' || roleOf(at) === 'columnheader') return isOnlyText(element, at);
    at = at.parent;
  }
  return false;
}

const isOnlyText = (element: Element, cell: Element) => rawText(element).trim() === rawText(cell).trim();

function hasPanelParent({ parent }: Element): boolean {
  return (
    parent !== undefined &&
    (HEADING.has(parent.name) || LABELLED.has(parent.name) || LABELLED.has(roleOf(parent)))
  );
}

function isCopyButton({ attributes, classes }: Element): boolean {
  const label = `${attributes['aria-label'] ?? ''} ${attributes['title'] ?? ''}`;
  return /\bcopy\b/i.test(label) || [...classes].some((token) => /copy|clipboard/i.test(token));
}

const PERMALINK_CLASS =
  /^(?:headerlink|hash-link|anchorjs-link|header-?anchor|heading-anchor|anchor-link|permalink|direct-link|doc-anchor)$/;
const BESIDE_TEXT_CLASS = /^(?:test-arrow|footnote-back(?:ref|link)?|reversefootnote)$/;

/** What a permalink says of itself and not of the page. */
const NAME_OF_PERMALINK =
  /^\s*[¶#§]?\s*(?:(?:copy|direct|permanent) ?)?(?:link|perma-?link|anchor|url)s?(?: (?:to|for|of) .*)?\s*$/i;

/** Links of mandoc and VuePress to a heading or term around them are its only text: "NAME", "--delete". */
function isNamedPermalink(element: Element): boolean {
  const text = rawText(element);
  return (
    element.attributes['href']?.includes('#') === true &&
    /[\p{L}\p{N}]/u.test(text) &&
    !NAME_OF_PERMALINK.test(text)
  );
}

const TO_TOP = /^\s*(?:(?:back|go|return|jump) to )?(?:the )?top\s*[↑⇧]?\s*$/i;

function namesOfLink(element: Element): string {
  const image = find(element, ({ name }) => name === 'img');
  return rawText(element) || (image?.attributes['alt'] ?? '');
}

const SIGN = /^(?:[¶#§🔗↩↑⏎^⤴⇧ⓘ\s]|\ufe0e|\ufe0f){1,4}$/u;

/** The sign beside a heading that links to it, the way back from a footnote, and other links that are only a sign. */
function isPermalink(element: Element): boolean {
  const { attributes, classes } = element;
  for (const token of classes) {
    if (BESIDE_TEXT_CLASS.test(token)) return true;
    if (PERMALINK_CLASS.test(token)) return !isNamedPermalink(element);
  }
  const href = attributes['href'];
  if (href === undefined) return false;
  if (href.startsWith('#') && attributes['aria-hidden'] === 'true' && isInHeading(element)) return true;
  if (href.startsWith('#') && element.children.length < 3 && TO_TOP.test(namesOfLink(element))) return true;
  if (attributes['role'] === 'doc-backlink') return !/[\p{L}\p{N}]/u.test(rawText(element));
  return href.includes('#') && element.children.length < 4 && SIGN.test(rawText(element));
}

/** "#" and "TOC" beside the words of a heading, which are not read out. */
function isInHeading({ parent }: Element): boolean {
  return parent !== undefined && (HEADING.has(parent.name) || HEADING.has(parent.parent?.name ?? ''));
}

/** Names of pictures in fonts of icons are words to a program only. */
function isIcon({ name, classes }: Element): boolean {
  if (name !== 'i' && name !== 'span') return false;
  for (const token of classes)
    if (/^(?:material-(?:icons|symbols)|glyphicon|mdi$|icon-font|fa[srb]?$)/.test(token)) return true;
  return false;
}

const CLUTTER_NAME =
  /(?:^|[-_])(?:nav|navbar|navigation|menu|breadcrumbs?|pager|pagination|sidebar|toc|related|share|sharing|social|footer|header|toolbar|tags?|tagcloud|skip|prev|next|post-meta|edit|feedback)(?:$|[-_])/i;
const CONSENT_NAME = /cookie|consent|gdpr|ccpa/i;

/** The rule for an element that its text and links show to be clutter. */
export function lossByShape(
  element: Element,
  context: MeasureContext,
  isInMain: boolean,
): string | undefined {
  const { name, text, linked } = element;
  const role = roleOf(element);
  if (text === 0 || role === 'main') return undefined;
  const linkShare = linked / text;
  if (name === 'nav' || role === 'navigation' || role === 'doc-toc') {
    // A list of chapters that says what is in them is content.
    const hasProse = text - linked >= 40 && linkShare <= 0.5;
    return hasProse || context.keepsNavigation ? undefined : 'navigation';
  }
  const outer = isInMain ? undefined : lossOutsideMain(element, role, linkShare);
  if (isInMain && isConsentBox(element) && !holdsHeading(element) && asksConsent(element)) return 'dialog';
  return (
    outer ??
    (!context.keepsNavigation && linkShare >= 0.6 && isNamedClutter(element) ? 'navigation' : undefined)
  );
}

/** Small, nearly all links, without a heading of its own, and named as such. */
function isNamedClutter(element: Element): boolean {
  if (element.text > 1000 || !MAY_BE_CLUTTER.has(element.name)) return false;
  const isNamed = namesOf(element).some((token) => CLUTTER_NAME.test(token));
  return isNamed && !holdsHeading(element);
}

const holdsHeading = (element: Element) => find(element, ({ name }) => HEADING.has(name)) !== undefined;

const MAY_BE_CLUTTER = new Set([
  'div',
  'ul',
  'ol',
  'p',
  'aside',
  'section',
  'header',
  'footer',
  'table',
  'span',
]);

function lossOutsideMain(element: Element, role: string, linkShare: number): string | undefined {
  const { name, text } = element;
  const kind = ROLE_OF_TAG.get(name) ?? role;
  if (kind === 'banner') return linkShare < 0.5 && holds(element, 'h1') ? undefined : 'banner';
  const edge = EDGES.get(kind);
  if (edge !== undefined) return text < edge.maxText || linkShare > 0.4 ? edge.loss : undefined;
  if (name === 'form' && text < 100 && find(element, isSearchField) !== undefined) return 'search';
  return isConsentBox(element) ? 'dialog' : undefined;
}

/** Longer ones with few links are content that was only laid out there. */
const EDGES = new Map([
  ['contentinfo', { loss: 'footer', maxText: 2000 }],
  ['complementary', { loss: 'aside', maxText: 1000 }],
]);

const ROLE_OF_TAG = new Map([
  ['header', 'banner'],
  ['footer', 'contentinfo'],
  ['aside', 'complementary'],
]);

function holds(element: Element, tag: string): boolean {
  return find(element, ({ name }) => name === tag) !== undefined;
}

/** Within the content a page on cookies has boxes of that name as well: only a question has such an answer. */
function asksConsent(element: Element): boolean {
  const isAnswer =
    /^\s*(?:accept|agree|allow|reject|decline|deny|got it|akzeptieren|zustimmen|accepter|aceptar)/i;
  return find(element, (at) => at.name === 'button' && isAnswer.test(rawText(at))) !== undefined;
}

function isConsentBox(element: Element): boolean {
  if (element.text > 1500 || CONTAINER_OF_ALL.has(element.name)) return false;
  return namesOf(element).some((token) => CONSENT_NAME.test(token)) && holds(element, 'button');
}

const CONTAINER_OF_ALL = new Set(['html', 'body', 'main', 'article']);

function isSearchField({ name, attributes }: Element): boolean {
  return (
    name === 'input' &&
    (attributes['type'] === 'search' || /^(?:q|s|query|search)$/.test(attributes['name'] ?? ''))
  );
}

function namesOf({ classes, attributes }: Element): string[] {
  const id = attributes['id'];
  return id === undefined ? [...classes] : [...classes, id];
}
