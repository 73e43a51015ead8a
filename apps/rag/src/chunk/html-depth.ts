/** Deeper than any page that people read; tree walks recurse, and their stack is finite. */
const MAX_DEPTH = 100;

/** Never open, or closed by what follows them, so that leaving the end tag out does not nest. */
const SHALLOW = new Set(
  (
    'area base br col embed hr img input link meta param source track wbr ' +
    'body colgroup dd dt head html li optgroup option p rp rt tbody td tfoot th thead tr'
  ).split(' '),
);
/** Their content is not markup, and nothing in it is for readers. */
const OPAQUE = new Set(['script', 'style', 'noscript', 'template', 'svg', 'math', 'iframe', 'object']);
const TAG_NAME = /^<(\/?)([a-zA-Z][^\s/>]*)/;

/** Drops comments, scripts, styles and embedded objects, and every tag that would nest deeper than a limit. */
export function limitHtmlDepth(html: string): string {
  const kept: string[] = [];
  const isKept = depthLimit();
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    kept.push(html.slice(at, open));
    const tag = readTag(html, open);
    const isOpaque = tag.kind === 'start' && OPAQUE.has(tag.name);
    if (!isOpaque && isKept(tag)) kept.push(tag.source);
    at = isOpaque ? skipOpaque(html, tag) : tag.end;
  }
  kept.push(html.slice(at));
  return kept.join('');
}

function depthLimit(): (tag: Tag) => boolean {
  let depth = 0;
  return ({ kind, name }) => {
    if (kind === 'text' || SHALLOW.has(name)) return true;
    if (kind === 'comment') return false;
    if (kind === 'start') depth += 1;
    const isKept = depth <= MAX_DEPTH;
    if (kind === 'end') depth = Math.max(0, depth - 1);
    return isKept;
  };
}

interface Tag {
  readonly kind: 'start' | 'end' | 'comment' | 'text';
  readonly name: string;
  readonly source: string;
  readonly end: number;
}

function readTag(html: string, open: number): Tag {
  if (html.startsWith('<!--', open)) return skipTo(html, open, '-->');
  if (html[open + 1] === '!' || html[open + 1] === '?') return skipTo(html, open, '>');
  const match = TAG_NAME.exec(html.slice(open, open + 100));
  if (match === null) return { kind: 'text', name: '', source: '<', end: open + 1 };
  const end = tagEnd(html, open + match[0].length);
  const kind = match[1] === '/' ? 'end' : 'start';
  return { kind, name: (match[2] ?? '').toLowerCase(), source: html.slice(open, end), end };
}

/** An unclosed comment or declaration reaches to the end, as it does in browsers. */
function skipTo(html: string, open: number, closing: string): Tag {
  const at = html.indexOf(closing, open + 2);
  return { kind: 'comment', name: '', source: '', end: at < 0 ? html.length : at + closing.length };
}

/** Behind the `>` that is not inside a quoted attribute value. */
function tagEnd(html: string, from: number): number {
  let quote = '';
  for (let at = from; at < html.length; at += 1) {
    const character = html.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') {
      return at + 1;
    } else if ((character === '"' || character === "'") && html[at - 1] === '=') {
      quote = character;
    }
  }
  return html.length;
}

function skipOpaque(html: string, tag: Tag): number {
  if (tag.source.endsWith('/>')) return tag.end;
  const closing = new RegExp(`</${tag.name}[\\s/>]`, 'gi');
  closing.lastIndex = tag.end;
  const match = closing.exec(html);
  if (match === null) return tag.name === 'script' || tag.name === 'style' ? html.length : tag.end;
  return tagEnd(html, match.index + match[0].length - 1);
}
