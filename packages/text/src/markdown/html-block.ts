import { plainText } from '../inline/plain-text.ts';
import { skipBlank, trimEnd } from '../span.ts';
import { type BodySpan, push, pushHeading, pushText, type Scan, type Verbatim } from './scan.ts';

/** A comment, an element without text, or a tag. */
const MARKUP = /<!--|<(script|style|svg|template)(?=[\s>])|<(\/?)([a-z][a-z0-9]*)(?=[\s/>])[^<>]*>/gi;
const HEADING = /^h[1-6]$/;
/** Text on their two sides is not of one block. */
const BLOCKS = new Set(
  (
    'address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer ' +
    'form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul'
  ).split(' '),
);

interface HtmlScan {
  readonly scan: Scan;
  /** The block element that the text from `from` on is in, and where its tag begins. */
  name: string;
  start: number;
  from: number;
  readonly lists: { readonly id: number; readonly isOrdered: boolean; count: number }[];
  term: { readonly start: number; readonly text: string } | undefined;
  table: number | undefined;
  /** The row that is open. */
  row: { readonly start: number; readonly cells: number[]; isHeader: boolean } | undefined;
}

/** Adds the text of HTML within Markdown, cut at its block elements; comments and scripts are counted. */
export function pushHtml(scan: Scan, { start, bodyStart, bodyEnd }: Verbatim): void {
  const html: HtmlScan = {
    ...{ scan, name: 'p', start, from: bodyStart, lists: [] },
    ...{ term: undefined, table: undefined, row: undefined },
  };
  MARKUP.lastIndex = bodyStart;
  for (
    let found = MARKUP.exec(scan.text);
    found !== null && found.index < bodyEnd;
    found = MARKUP.exec(scan.text)
  ) {
    const [mark, hidden, slash, name] = found;
    if (name === undefined) MARKUP.lastIndex = skipHidden(html, found.index, hidden, bodyEnd);
    else if (BLOCKS.has(name.toLowerCase())) {
      readTag(html, {
        name: name.toLowerCase(),
        isClosing: slash === '/',
        start: found.index,
        end: found.index + mark.length,
      });
    }
  }
  closePiece(html, bodyEnd);
  closeRow(html, bodyEnd);
}

/** Where the text goes on behind a comment, or behind an element that shows no text. */
function skipHidden(html: HtmlScan, start: number, element: string | undefined, end: number): number {
  const { text } = html.scan;
  const closing = new RegExp(element === undefined ? '-->' : `</${element}[^<>]*>`, 'gi');
  closing.lastIndex = start;
  const next = closing.test(text) ? Math.min(closing.lastIndex, end) : end;
  html.scan.hiddenChars += next - start;
  if (html.row !== undefined || (element === undefined && skipBlank(text, html.from, start) < start))
    return next;
  closePiece(html, start);
  html.start = next;
  html.from = next;
  return next;
}

interface Tag {
  readonly name: string;
  readonly isClosing: boolean;
  readonly start: number;
  readonly end: number;
}

function readTag(html: HtmlScan, tag: Tag): void {
  const { name, isClosing, start, end } = tag;
  if (TABLE.has(name)) readTableTag(html, tag);
  if (html.row !== undefined) return;
  if (html.name === 'pre' && name !== 'pre') return;
  closePiece(html, start);
  html.start = isClosing ? end : start;
  html.from = end;
  html.name = isClosing ? 'p' : name;
  if (name === 'ul' || name === 'ol') {
    if (isClosing) html.lists.pop();
    else html.lists.push({ id: html.scan.lists++, isOrdered: name === 'ol', count: 0 });
  }
}

/** Adds the text up to `end` as what its element says that it is. */
function closePiece(html: HtmlScan, end: number): void {
  const { scan, name, from, row } = html;
  const bodyStart = skipBlank(scan.text, from, end);
  const bodyEnd = trimEnd(scan.text, bodyStart, end);
  const shown = row === undefined ? shownOf(scan.text.slice(bodyStart, bodyEnd)) : '';
  if (shown === '') return;
  const span = { start: skipBlank(scan.text, html.start, bodyStart), bodyStart, bodyEnd, end: bodyEnd };
  const list = html.lists.at(-1);
  if (HEADING.test(name)) pushHeading(scan, Number(name.slice(1)), span);
  else if (name === 'pre') pushCode(scan, span);
  else if (name === 'dt') html.term = { start: html.start, text: shown.replaceAll('`', '') };
  else if (name === 'dd' && html.term !== undefined) {
    push(scan, { kind: 'definition', term: html.term.text, ...span, start: html.term.start });
    html.term = undefined;
  } else if (name === 'li' && list !== undefined) {
    list.count += 1;
    const ordinal = list.isOrdered ? { ordinal: list.count } : {};
    push(scan, { kind: 'item', list: list.id, depth: html.lists.length - 1, ...ordinal, ...span });
  } else pushText(scan, span);
}

/** A tag that stands alone is none of the text, whatever its name: components of MDX are such. */
function shownOf(piece: string): string {
  const hasText = piece.replace(/<[^<>]*>/g, '').trim() !== '' || /<img\s/i.test(piece);
  return hasText ? plainText('markdown', piece) : '';
}

/** `<pre><code class="language-js">`. */
function pushCode(scan: Scan, span: BodySpan): void {
  const body = scan.text.slice(span.bodyStart, span.bodyEnd);
  const opening = /^<code\b([^<>]*)>\s*/i.exec(body);
  const closing = /\s*<\/code>$/i.exec(body.slice(-50));
  const language = /\b(?:language|lang)-([^\s"'<>]+)/.exec(opening?.[1] ?? '')?.[1];
  const bodyStart = span.bodyStart + (opening?.[0].length ?? 0);
  const bodyEnd = Math.max(bodyStart, span.bodyEnd - (closing?.[0].length ?? 0));
  push(scan, { kind: 'code', ...span, bodyStart, bodyEnd, ...(language === undefined ? {} : { language }) });
}

const TABLE = new Set(['table', 'tr', 'td', 'th']);

/** Rows are blocks; the tags within their cells cut nothing. */
function readTableTag(html: HtmlScan, { name, isClosing, start, end }: Tag): void {
  if (name === 'td' || name === 'th') {
    if (isClosing || html.row === undefined) return;
    html.row.cells.push(skipBlank(html.scan.text, end, html.scan.text.length));
    html.row.isHeader ||= name === 'th';
    return;
  }
  closePiece(html, start);
  closeRow(html, start);
  html.from = end;
  html.start = end;
  if (name === 'table') html.table = undefined;
  if (name === 'tr' && !isClosing) html.row = { start, cells: [], isHeader: false };
}

function closeRow(html: HtmlScan, end: number): void {
  const { scan, row } = html;
  html.row = undefined;
  const [bodyStart] = row?.cells ?? [];
  if (row === undefined || bodyStart === undefined) return;
  const bodyEnd = trimEnd(scan.text, bodyStart, end);
  const shown = row.cells.map((cell, index) =>
    plainText('markdown', scan.text.slice(cell, row.cells[index + 1] ?? bodyEnd)),
  );
  if (shown.every((cell) => cell === '')) return;
  const isFirst = html.table === undefined;
  html.table ??= scan.tables.push({ columns: row.isHeader ? shown : [] }) - 1;
  const cells = row.cells.filter((cell) => cell <= bodyEnd);
  push(scan, {
    kind: 'row',
    table: html.table,
    isHeader: isFirst && row.isHeader,
    cells,
    start: row.start,
    bodyStart,
    bodyEnd,
    end: bodyEnd,
  });
}
