import { denseWeight, type HitRates, START_WEIGHT } from '@xnai/rag/dense-weight';
import { fuse } from '@xnai/rag/fuse';
import { byDocument, CANDIDATES, foundAt, legWith, spreadOf } from '@xnai/rag/self-check';
import type { StoreHit } from '@xnai/rag/store';
import { analyse } from '@xnai/text/analyse';
import { type Figures, figuresOf, mean } from '../eval/metrics.ts';
import type { FilledSet } from './filled-set.ts';
import { type LegShape, makeUpLeg, vectorOf } from './made-up-leg.ts';
import { reciprocalRanks } from './rrf.ts';

/** nDCG@10 of each way to search, and the recall that fusion keeps. */
export interface LegReport {
  readonly set: string;
  readonly leg: string;
  readonly hitRates: HitRates;
  readonly weight: number;
  readonly lexical: number;
  readonly dense: number;
  readonly hybrid: number;
  readonly atStart: number;
  readonly ranks: number;
  /** Recall at 50 of hybrid search, less that of the better leg. */
  readonly recall: number;
}

/** Searches with a made-up leg by itself and fused, by the weight that the self-check gives it. */
export function measureLeg(set: FilledSet, shape: LegShape): LegReport {
  const ask = openLeg(set, shape);
  const denseHits = set.queries.map(({ id, text, grades }) =>
    ask({ id, text }, (document) => (grades.get(document) ?? 0) > 0).slice(0, CANDIDATES),
  );
  const checks = set.checked.map(({ chunk, asked, rest, lexical }) => {
    const question = { id: `check ${chunk.documentId}`, text: asked };
    const hits = ask(question, (document) => document === chunk.documentId);
    const score = ask.scoreOf(question, { id: chunk.documentId, text: rest });
    return { lexical, dense: legWith(score, hits.slice(0, CANDIDATES), byDocument(chunk)) };
  });
  const spread = mean(checks.map(({ dense }) => spreadOf(dense)));
  const { weight, hitRates } = denseWeight(checks.map((legs) => foundAt(legs, spread)));
  const by = (rank: (lexical: readonly StoreHit[], dense: readonly StoreHit[]) => readonly StoreHit[]) =>
    set.queries.map(({ lexical, grades }, at) =>
      figuresAt(rank(lexical.slice(0, CANDIDATES), denseHits[at] ?? []), grades),
    );
  const lexical = by((hits) => hits);
  const dense = by((_, hits) => hits);
  const hybrid = by((one, other) => fuse(one, other, { weight, spread }, keyOf));
  return {
    set: set.name,
    leg: shape.name,
    hitRates,
    weight,
    lexical: ndcg(lexical),
    dense: ndcg(dense),
    hybrid: ndcg(hybrid),
    atStart: ndcg(by((one, other) => fuse(one, other, { weight: START_WEIGHT }, keyOf))),
    ranks: ndcg(by((one, other) => reciprocalRanks([one, other]))),
    recall: recall(hybrid) - Math.max(recall(lexical), recall(dense)),
  };
}

const keyOf = ({ chunk }: StoreHit) => `${chunk.documentId}#${chunk.ordinal}`;

interface Question {
  readonly id: string;
  readonly text: string;
}

function openLeg({ chunks }: FilledSet, shape: LegShape) {
  const held = new Map<string, number>();
  for (const { title, text } of chunks) {
    for (const term of new Set(analyse(`${title ?? ''}\n${text}`).map(({ term }) => term))) {
      held.set(term, (held.get(term) ?? 0) + 1);
    }
  }
  const weigh = (term: string) => Math.log(1 + chunks.length / (held.get(term) ?? 1));
  const read = ({ id, text }: Question) => ({ id, vector: vectorOf(text, shape.dimensions, weigh) });
  const texts = chunks.map((chunk) => ({
    chunk,
    told: read({ id: chunk.documentId, text: `${chunk.title ?? ''}\n${chunk.text}` }),
  }));
  const leg = makeUpLeg(shape);
  const ask = (question: Question, isRelevant: (document: string) => boolean): readonly StoreHit[] => {
    const asked = read(question);
    const hits = texts.map(({ chunk, told }) => ({ chunk, score: leg(asked, told, isRelevant(told.id)) }));
    return hits.sort((a, b) => b.score - a.score);
  };
  const scoreOf = (question: Question, text: Question) => leg(read(question), read(text), true);
  return Object.assign(ask, { scoreOf });
}

function figuresAt(hits: readonly StoreHit[], grades: ReadonlyMap<string, number>): Figures | undefined {
  return figuresOf(
    hits.slice(0, CANDIDATES).map(({ chunk }) => chunk.documentId),
    grades,
  );
}

function ndcg(figures: readonly (Figures | undefined)[]): number {
  return mean(figures.map((each) => each?.ndcg10 ?? 0));
}

/** At most as many documents as candidates are ranked. */
function recall(figures: readonly (Figures | undefined)[]): number {
  return mean(figures.map((each) => each?.recall100 ?? 0));
}
