import type { Citation } from '@xnai/contracts';
import type { RetrievedChunk } from '../retrieve.ts';
import { citationOf } from './citations.ts';
import { FUNCTION_WORDS } from './question-words.ts';
import { type Span, sentencesOf } from './sentences.ts';
import { statementsOf } from './statements.ts';
import { stemsOf, wordsOf } from './words.ts';

export interface Verified {
  /** One for each source that the answer cites, under the number it cites. */
  readonly citations: readonly Citation[];
  /** Sentences of the answer that no cited source supports. */
  readonly unsupported: readonly Span[];
}

/** A sentence is supported when a source it cites holds this share of its telling words, and all its numbers. */
const LEAST_SUPPORT = 0.6;

const MARK = /\[(\d{1,3})\]/g;

/** Checks each sentence of a generated answer against the sources it cites; `[n]` is the n-th of `sources`. */
export function verifyAnswer(answer: string, sources: readonly RetrievedChunk[]): Verified {
  const claims = claimsOf(answer);
  const citations = new Map<number, Citation>();
  const unsupported: Span[] = [];
  for (const claim of claims) {
    const supports = claim.cited.flatMap((index) => supportOf(claim, index, sources[index - 1]) ?? []);
    for (const support of supports) keepBetter(citations, support);
    if (claim.words.length > 0 && !supports.some(({ verified }) => verified)) unsupported.push(claim.span);
  }
  return { citations: [...citations.values()].sort((a, b) => a.index - b.index), unsupported };
}

interface Claim {
  readonly span: Span;
  readonly cited: readonly number[];
  /** Stems of its telling words. */
  readonly words: readonly string[];
  readonly numbers: readonly string[];
}

/** Sentences with what they cite; marks after a full stop belong to the sentence before. */
function claimsOf(answer: string): readonly Claim[] {
  const claims: Claim[] = [];
  for (const block of answer.matchAll(/[^\n]+/g)) {
    for (const { start, end } of sentencesOf(block[0])) {
      const claim = claimOf(answer, { start: block.index + start, end: block.index + end });
      const lead = /^(?:\s*\[\d{1,3}\])+/.exec(answer.slice(claim.span.start, claim.span.end));
      const previous = claims.at(-1);
      if (lead === null || previous === undefined) claims.push(claim);
      else claims.splice(-1, 1, ...moveMarks(answer, previous, claim, lead[0].length));
    }
  }
  return claims;
}

function moveMarks(answer: string, previous: Claim, claim: Claim, length: number): readonly Claim[] {
  const at = claim.span.start + length;
  const before = claimOf(answer, { start: previous.span.start, end: at });
  const rest = claimOf(answer, { start: at, end: claim.span.end });
  return rest.words.length === 0 && rest.cited.length === 0 ? [before] : [before, rest];
}

function claimOf(answer: string, span: Span): Claim {
  const text = answer.slice(span.start, span.end);
  const plain = text.replace(MARK, ' ');
  const telling = wordsOf(plain).filter(({ raw }) => !FUNCTION_WORDS.has(raw.toLowerCase()));
  return {
    span,
    cited: [...new Set([...text.matchAll(MARK)].map((match) => Number(match[1])))],
    words: [...new Set(telling.map(({ stem }) => stem))],
    numbers: telling.filter(({ raw }) => /\d/.test(raw)).map(({ stem }) => stem),
  };
}

type Support = Citation & { readonly share: number };

/** Cites the statement of the source that shares most with the claim. */
function supportOf(claim: Claim, index: number, source: RetrievedChunk | undefined): Support | undefined {
  if (source === undefined) return undefined;
  const { chunk } = source;
  const statements = statementsOf(chunk.text).map((statement) => ({
    start: statement.start,
    end: statement.fullEnd,
    share: shareOf(claim.words, stemsOf(chunk.text.slice(statement.start, statement.fullEnd))),
  }));
  const best = statements.sort((a, b) => b.share - a.share)[0] ?? {
    start: 0,
    end: chunk.text.length,
    share: 0,
  };
  const all = stemsOf([chunk.title ?? '', ...chunk.heading, chunk.context, chunk.text].join('\n'));
  const verified =
    shareOf(claim.words, all) >= LEAST_SUPPORT && claim.numbers.every((number) => all.has(number));
  return { ...citationOf(source, best, { index, verified }), share: best.share };
}

function shareOf(words: readonly string[], stems: ReadonlySet<string>): number {
  return words.length === 0 ? 0 : words.filter((word) => stems.has(word)).length / words.length;
}

function keepBetter(citations: Map<number, Citation>, { share, ...citation }: Support): void {
  const known = citations.get(citation.index);
  if (known === undefined || (!known.verified && citation.verified)) citations.set(citation.index, citation);
}
