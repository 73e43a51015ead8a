import type { Question, Span } from './read-evidence.ts';

/** How well chunks hold the evidence of questions; each figure is a share from 0 to 1. */
export interface Overlap {
  readonly spans: number;
  /** Spans of evidence that lie in more than one chunk. */
  readonly cut: number;
  /** Characters of the evidence that are in the chunks which touch it. */
  readonly recall: number;
  /** Characters of those chunks that are evidence: what the report calls Precision Ω. */
  readonly precision: number;
  readonly iou: number;
  /** Characters of the evidence that one chunk for each span gives, the one with most of it. */
  readonly recallOfBest: number;
}

/** Means over questions for the last four figures, as the report has them. `chunks` are in order, without overlap. */
export function measureOverlap(chunks: readonly Span[], questions: readonly Question[]): Overlap {
  const spans = questions.flatMap(({ evidence }) => evidence);
  const cut = spans.filter((span) => touching(chunks, span).length > 1).length;
  const scores = questions.map(({ evidence }) => scoreQuestion(chunks, evidence));
  const mean = (name: keyof Score) => scores.reduce((sum, score) => sum + score[name], 0) / scores.length;
  return {
    spans: spans.length,
    cut: cut / spans.length,
    recall: mean('recall'),
    precision: mean('precision'),
    iou: mean('iou'),
    recallOfBest: mean('recallOfBest'),
  };
}

type Score = Pick<Overlap, 'recall' | 'precision' | 'iou' | 'recallOfBest'>;

function scoreQuestion(chunks: readonly Span[], evidence: readonly Span[]): Score {
  const wanted = union(evidence);
  const found = [...new Set(wanted.flatMap((span) => touching(chunks, span)))];
  const best = new Set(wanted.flatMap((span) => bestChunk(chunks, span) ?? []));
  const wantedChars = size(wanted);
  const foundChars = size(found);
  const hit = common(wanted, found);
  return {
    recall: hit / wantedChars,
    precision: foundChars === 0 ? 0 : hit / foundChars,
    iou: hit / (wantedChars + foundChars - hit),
    recallOfBest: common(wanted, [...best]) / wantedChars,
  };
}

function touching(chunks: readonly Span[], span: Span): readonly Span[] {
  return chunks.filter((chunk) => overlap(chunk, span) > 0);
}

function bestChunk(chunks: readonly Span[], span: Span): Span | undefined {
  return touching(chunks, span).toSorted((a, b) => overlap(b, span) - overlap(a, span))[0];
}

/** The same characters as spans that do not overlap. */
function union(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || span.start > last.end) joined.push(span);
    else joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return joined;
}

function common(a: readonly Span[], b: readonly Span[]): number {
  return a.reduce((sum, span) => sum + b.reduce((part, other) => part + overlap(span, other), 0), 0);
}

function overlap(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
}

function size(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}
