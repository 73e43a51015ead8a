import type { PageFacts } from './page-facts.ts';
import { type Element, elementsIn, hasAncestor, roleOf } from './tree.ts';

const DISPLAY_NONE = /(?:^|;)\s*display\s*:\s*none/i;
const INVISIBLE =
  /(?:^|;)\s*(?:visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden|color\s*:\s*transparent)/i;
const OFF_SCREEN =
  /(?:^|;)\s*(?:(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*(?:0|1px)|clip-path\s*:\s*inset\((?:50|100)%|transform\s*:\s*scale\(0\))/i;
const NO_SIZE =
  /(?:^|;)\s*(?:font-size|max-height|height|width)\s*:\s*[01](?:px|pt|em|rem|%)?\s*(?:!important\s*)?(?:;|$)/i;
const NO_FONT = /(?:^|;)\s*font-size\s*:\s*0(?:\.0*)?[a-z%]*\s*(?:!important\s*)?(?:;|$)/i;
const FOR_SCREEN_READERS =
  /^(?:sr-only|sr_only|visually-?hidden|visuallyhidden|screen-reader(?:-text|-only)?|a11y-hidden|u-hidden-visually|assistive-text|offscreen)$/i;
const HIDING_CLASS = /^(?:hidden|is-hidden|d-none|hide|u-hidden|invisible)$/;
const SHOWING_CLASS = /^(?:[a-z0-9]+:|d-[a-z]+-|show|visible-)(?!.*(?:hidden|none)$)/;
/** Names that only panels of tabs, accordions and the like have. */
const PANEL_NAME =
  /(?:^|[-_])(?:tab|tabs|tabpane|tabpanel|pane|panel|collapse|collapsible|accordion|expand\w*|details|slide|carousel-item|toggle-content|answer)(?:$|[-_])|tab-?content|content-?tab/i;

/**
 * Whether a reader does not see an element even after the page's scripts have run and its panels were opened. Scripts
 * fade things in, so that `opacity` says nothing; what a button opens is for readers; the rest of what is hidden is where
 * instructions to models are put.
 */
export function isHidden(element: Element, previous: Element | undefined, facts: PageFacts): boolean {
  const { name, attributes, classes } = element;
  // Whole pages are hidden until their styles have come.
  if (name === 'body' || name === 'html' || name === 'main' || name === 'template') return false;
  for (const token of classes) if (FOR_SCREEN_READERS.test(token)) return true;
  const style = attributes['style'];
  if (style !== undefined && isNeverSeen(style, element)) return true;
  return isCollapsed(element) && !isPanel(element, previous, facts);
}

function isNeverSeen(style: string, element: Element): boolean {
  if (OFF_SCREEN.test(style) || hasColourOfBackground(style)) return true;
  // A container without a font size only takes the gaps from between its boxes.
  return (
    NO_FONT.test(style) && element.children.some((child) => typeof child === 'string' && child.trim() !== '')
  );
}

function hasColourOfBackground(style: string): boolean {
  const colour = /(?:^|;)\s*color\s*:\s*([^;]+)/i.exec(style)?.[1]?.trim().toLowerCase();
  const background = /(?:^|;)\s*background(?:-color)?\s*:\s*([^;]+)/i.exec(style)?.[1]?.trim().toLowerCase();
  return colour !== undefined && colour === background;
}

function isCollapsed({ name, attributes, classes }: Element): boolean {
  if (attributes['hidden'] !== undefined) return true;
  if (name === 'dialog') return attributes['open'] === undefined;
  const style = attributes['style'];
  if (style !== undefined && (DISPLAY_NONE.test(style) || INVISIBLE.test(style))) return true;
  if (style !== undefined && NO_SIZE.test(style) && /overflow\s*:\s*hidden/i.test(style)) return true;
  return (
    [...classes].some((token) => HIDING_CLASS.test(token)) &&
    ![...classes].some((token) => SHOWING_CLASS.test(token))
  );
}

/** Whether something on the page opens the element. */
function isPanel(element: Element, previous: Element | undefined, facts: PageFacts): boolean {
  const { name, attributes } = element;
  if (name === 'dialog') return false;
  if (attributes['hidden']?.toLowerCase() === 'until-found') return true;
  const role = roleOf(element);
  if (role === 'tabpanel' || (role === 'region' && attributes['aria-labelledby'] !== undefined)) return true;
  if (attributes['id'] !== undefined && facts.controlled.has(attributes['id'])) return true;
  if (attributes['x-show'] !== undefined || attributes['v-show'] !== undefined) return true;
  return hasPanelName(element) || (previous !== undefined && holdsToggle(previous));
}

function hasPanelName({ classes, attributes }: Element): boolean {
  return [...classes].some((token) => PANEL_NAME.test(token)) || PANEL_NAME.test(attributes['id'] ?? '');
}

function holdsToggle(element: Element): boolean {
  return isToggle(element) || elementsIn(element).some(isToggle);
}

export function isToggle(element: Element): boolean {
  const { name, attributes } = element;
  if (attributes['aria-expanded'] !== undefined || attributes['aria-controls'] !== undefined) return true;
  if (name === 'summary' || roleOf(element) === 'tab') return true;
  if ((attributes['data-toggle'] ?? attributes['data-bs-toggle']) !== undefined) return true;
  const isButton = name === 'button' || roleOf(element) === 'button';
  return isButton && hasAncestor(element, ({ name: outer }) => /^h[1-6]$/.test(outer) || outer === 'dt');
}
