/** A way for a block of HTML to begin, and what ends it; without `closing` a blank line does (CommonMark 4.6). */
interface HtmlStart {
  readonly opening: RegExp;
  readonly closing?: RegExp;
}

const NAMES =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|' +
  'fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|' +
  'menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|' +
  'track|ul';

const STARTS: readonly HtmlStart[] = [
  {
    opening: /^<(?:script|pre|style|textarea)(?=[\s>]|$)/i,
    closing: /<\/(?:script|pre|style|textarea)>/i,
  },
  { opening: /^<!--/, closing: /-->/ },
  { opening: /^<\?/, closing: /\?>/ },
  { opening: /^<![a-z]/i, closing: />/ },
  { opening: /^<!\[CDATA\[/, closing: /\]\]>/ },
  { opening: new RegExp(`^</?(?:${NAMES})(?=\\s|/?>|$)`, 'i') },
];

/** A whole tag of any name, alone on its line; it does not interrupt a paragraph. */
const TAG =
  /^(?!<\/?(?:script|pre|style|textarea)\b)(?:<[a-z][a-z0-9-]*(?:\s+[a-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*\s*\/?>|<\/[a-z][a-z0-9-]*\s*>)[ \t]*$/i;
const MAX_TAG_CHARS = 1000;

/** How the block of HTML that begins with this line ends, if one begins. */
export function htmlStart(line: string, inParagraph: boolean): HtmlStart | undefined {
  const start = STARTS.find(({ opening }) => opening.test(line));
  if (start !== undefined || inParagraph || line.length > MAX_TAG_CHARS) return start;
  return TAG.test(line) ? { opening: TAG } : undefined;
}
