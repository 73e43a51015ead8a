/** A part of a text that is shown; the marks of Markdown between two parts are not. Offsets are into the whole text. */
export interface InlinePart {
  readonly kind: 'text' | 'code' | 'strong';
  readonly start: number;
  readonly end: number;
}

export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** Within a paragraph, whose lines may be broken anywhere: code spans, links (their text alone: where they lead is not followed from here) and strong text. */
const MARKS = /`([^`]{1,300})`|!?\[([^[\]]{1,300})\]\([^()\s]{0,2000}\)|\*\*([^*]{1,300})\*\*/dg;
const CODE = /`([^`]{1,300})`/dg;

/** Splits a slice by the marks within its lines. `inline` says which there are, as a document does. */
export function inlineParts(
  text: string,
  { start, end }: Slice,
  inline: 'markdown' | 'code' | 'none',
): readonly InlinePart[] {
  if (inline === 'none') return [{ kind: 'text', start, end }];
  const parts: InlinePart[] = [];
  let from = start;
  const slice = text.slice(start, end);
  for (const { index, 0: whole, indices } of slice.matchAll(inline === 'code' ? CODE : MARKS)) {
    const at = start + index;
    if (at > from) parts.push({ kind: 'text', start: from, end: at });
    const [, code, link, strong] = indices ?? [];
    if (code) parts.push({ kind: 'code', ...moved(code, start) });
    if (link) parts.push(...inlineParts(text, moved(link, start), 'code'));
    if (strong) parts.push({ kind: 'strong', ...moved(strong, start) });
    from = at + whole.length;
  }
  return from < end ? [...parts, { kind: 'text', start: from, end }] : parts;
}

const moved = ([start, end]: readonly [number, number], by: number): Slice => ({
  start: start + by,
  end: end + by,
});
