/** Deeper than any page that people read; tree walks recurse, and their stack is finite. */
const MAX_DEPTH = 100;

/** Void elements, and elements that the next tag closes: a missing end tag does not nest them. */
const SHALLOW = new Set(
  (
    'area base br col embed hr img input link meta param source track wbr ' +
    'body colgroup dd dt head html li optgroup option p rp rt tbody td tfoot th thead tr'
  ).split(' '),
);
/** Their content is not markup, and nothing in it is for readers. */
const OPAQUE = new Set(['script', 'style', 'noscript', 'template', 'svg', 'math', 'iframe', 'object']);
const TAG_NAME = /^<(\/?)([a-zA-Z][^\s/>]*)/;

/** From this size on, a piece ends where a block begins that is in no list, table or quote; */
const SOFT_CHARS = 32 * 1024;
/** from this on at an item, a row or a paragraph; */
const HARD_CHARS = 2 * SOFT_CHARS;
/** and from this on at any tag. */
const LAST_CHARS = 3 * SOFT_CHARS;
const BLOCKS = new Set('article div dl h1 h2 h3 h4 h5 h6 hr ol p pre section table ul'.split(' '));
const PARTS = new Set('dt li p tr'.split(' '));
/** A cut in these shows. */
const WHOLES = new Set('blockquote dl ol pre table ul'.split(' '));
/** Not worth to begin a piece with: browsers open them again in each paragraph, however many there are. */
const INLINE = new Set('a b big code em font i nobr s small span strike strong sub sup tt u'.split(' '));
/** Of the tags that a piece begins with again. */
const MAX_OPEN_CHARS = 8 * 1024;

/**
 * The page in pieces that can be converted one by one, since the cost of converting grows faster than the page.
 * Comments, scripts, styles and embedded objects are dropped, and every tag that would nest deeper than a limit.
 * A piece begins with the tags that were open where it was cut.
 */
export function shallowPieces(html: string): string[] {
  const pieces: string[] = [];
  const nesting = createNesting();
  let piece: string[] = [];
  let size = 0;
  const keep = (source: string) => {
    piece.push(source);
    size += source.length;
  };
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    keep(html.slice(at, open));
    const tag = readTag(html, open);
    if (isCut(tag, size, nesting)) {
      pieces.push(piece.join(''));
      piece = [nesting.reopened()];
      size = 0;
    }
    const isOpaque = tag.kind === 'start' && OPAQUE.has(tag.name);
    if (!isOpaque && nesting.take(tag)) keep(tag.source);
    at = isOpaque ? skipOpaque(html, tag) : tag.end;
  }
  piece.push(html.slice(at));
  return [...pieces, piece.join('')];
}

function isCut({ kind, name }: Tag, size: number, nesting: Nesting): boolean {
  if (size < SOFT_CHARS || kind !== 'start') return false;
  if (size >= LAST_CHARS || (size >= HARD_CHARS && PARTS.has(name))) return true;
  return BLOCKS.has(name) && !nesting.isInWhole();
}

interface Nesting {
  /** Whether the tag is to be kept: it is no comment, and not too deep. */
  take(tag: Tag): boolean;
  isInWhole(): boolean;
  /** The start tags of the blocks that are open. */
  reopened(): string;
}

function createNesting(): Nesting {
  const open: Tag[] = [];
  return {
    take(tag) {
      if (tag.kind === 'text' || SHALLOW.has(tag.name)) return true;
      if (tag.kind === 'comment') return false;
      if (tag.kind === 'start') open.push(tag);
      const isKept = open.length <= MAX_DEPTH;
      if (tag.kind === 'end') open.pop();
      return isKept;
    },
    isInWhole: () => open.some(({ name }) => WHOLES.has(name)),
    reopened() {
      const kept = open.slice(0, MAX_DEPTH).filter(({ name }) => !INLINE.has(name));
      const sources = kept.map(({ source }) => source).join('');
      return sources.length <= MAX_OPEN_CHARS ? sources : kept.map(({ name }) => `<${name}>`).join('');
    },
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
