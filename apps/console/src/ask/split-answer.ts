/** A piece of an answer: text, or a mark such as `[2]` of a citation that exists. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string; readonly isSupported: boolean }
  | { readonly kind: 'mark'; readonly index: number };

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Splits an answer at its marks, and at the spans that no citation supports (UTF-16 offsets). */
export function splitAnswer(
  answer: string,
  {
    indices,
    unsupported = [],
  }: { readonly indices: ReadonlySet<number>; readonly unsupported?: readonly Span[] | undefined },
): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of answer.matchAll(/\[(\d{1,3})\]/g)) {
    const index = Number(match[1]);
    if (!indices.has(index)) continue;
    pieces.push(...splitText(answer, { start: from, end: match.index }, unsupported), {
      kind: 'mark',
      index,
    });
    from = match.index + match[0].length;
  }
  return [...pieces, ...splitText(answer, { start: from, end: answer.length }, unsupported)];
}

function splitText(answer: string, { start, end }: Span, unsupported: readonly Span[]): readonly Piece[] {
  const inside = unsupported.flatMap((span) => [span.start, span.end]).filter((at) => at > start && at < end);
  const cuts = [...new Set([start, ...inside, end])].sort((a, b) => a - b);
  return cuts.slice(1).map((to, index) => {
    const begin = cuts[index] ?? start;
    const isSupported = !unsupported.some((span) => span.start <= begin && to <= span.end);
    return { kind: 'text', text: answer.slice(begin, to), isSupported };
  });
}
