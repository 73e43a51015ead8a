import type { Citation } from '@xnai/contracts';
import { citationOf } from '../citations.ts';
import { literalShare } from '../text/literals.ts';
import type { Span } from '../text/sentences.ts';
import { holdsWord, type Word } from '../text/words.ts';
import { type Claim, claimsOf } from './claims.ts';
import { holdsFigures } from './figures.ts';
import { contradicts } from './negation.ts';
import type { Source } from './source.ts';

export interface Verified {
  /** One for each source that the answer cites, under the number it cites. */
  readonly citations: readonly Citation[];
  /** Sentences of the answer that no cited source supports. */
  readonly unsupported: readonly Span[];
}

/** A sentence is supported when a source it cites holds this share of its telling words, and all its numbers. */
const LEAST_SUPPORT = 0.6;
/** Share of a sentence's weight that the one statement quoted for it must hold; a title alone supports nothing. */
const LEAST_IN_QUOTE = 0.25;

/** Checks each sentence of a generated answer against the sources it cites; `[n]` is the n-th of `sources`. */
export function verifyAnswer(answer: string, sources: readonly Source[]): Verified {
  const claims = claimsOf(answer);
  const all = [...new Set(claims.flatMap(({ cited }) => cited))];
  const citations = new Map<number, Citation>();
  const unsupported: Span[] = [];
  for (const claim of claims) {
    const cited = claim.isCode && claim.cited.length === 0 ? all : claim.cited;
    const supports = cited.flatMap((index) => supportOf(claim, index, sources[index - 1]) ?? []);
    for (const support of supports) keepBetter(citations, support);
    const isSupported = supports.some(({ verified }) => verified) && supports.length === cited.length;
    if (claim.words.length > 0 && !isSupported) unsupported.push(claim.span);
  }
  return { citations: [...citations.values()].sort((a, b) => a.index - b.index), unsupported };
}

type Support = Citation & { readonly share: number };

/** Cites the statement of the source that shares most with the claim. */
function supportOf(claim: Claim, index: number, source: Source | undefined): Support | undefined {
  if (source === undefined) return undefined;
  const { text } = source.found.chunk;
  const statements = source
    .statements()
    .map(({ start, end, stems }) => ({ start, end, share: shareOf(claim.words, stems) }));
  const best = statements.sort((a, b) => b.share - a.share)[0] ?? { start: 0, end: text.length, share: 0 };
  const verified = best.share >= LEAST_IN_QUOTE && isHeldBy(claim, source, text.slice(best.start, best.end));
  return { ...citationOf(source.found, best, { index, verified }), share: best.share };
}

function isHeldBy(claim: Claim, source: Source, quote: string): boolean {
  const { text, stems, figures } = source.whole();
  if (claim.literals.length > 0 && literalShare(claim.literals, text) < 1) return false;
  if (claim.isCode) return true;
  return (
    shareOf(claim.words, stems) >= LEAST_SUPPORT &&
    claim.names.every((name) => holdsWord(stems, name)) &&
    holdsFigures(claim.figures, figures) &&
    !contradicts(claim.text, quote)
  );
}

function shareOf(words: readonly Word[], stems: ReadonlySet<string>): number {
  return words.length === 0 ? 0 : words.filter((word) => holdsWord(stems, word)).length / words.length;
}

function keepBetter(citations: Map<number, Citation>, { share, ...citation }: Support): void {
  const known = citations.get(citation.index);
  if (known === undefined || (!known.verified && citation.verified)) citations.set(citation.index, citation);
}
