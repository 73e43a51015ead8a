import { setImmediate as nextTurn } from 'node:timers/promises';
import { ModelError } from '@xnai/inference';
import { queryTerms } from '@xnai/text/analyse';
import { StoreError } from '../../store/store-error.ts';
import type { VectorSet } from '../../store/vectors.ts';
import { denseWeight, type FoundAt, type Weighed } from '../dense-weight.ts';
import type { CheckDeps } from './check-deps.ts';
import {
  byChunk,
  byDocument,
  CANDIDATES,
  type CountAs,
  foundAt,
  type HiddenLegs,
  legWith,
  spreadOf,
} from './found-at.ts';
import { lexicalScore } from './hidden-score.ts';
import { keyOf } from './key-of.ts';
import { type CheckQuestion, questionsOf } from './question.ts';
import { sampleChunks } from './sample-chunks.ts';

export interface Evidence extends Weighed {
  readonly asked: number;
  /** Mean spread of the cosines of a question; undefined where none was asked. */
  readonly spread: number | undefined;
}

/** What came of the questions by the chunks that they are for; undefined: it cannot be asked. */
export type Answers = Map<string, HiddenLegs | undefined>;

/**
 * Asks a collection for some of its own chunks, and weighs the dense leg by which of them are found with each weight. The
 * words that are asked with are hidden from both legs: what is left of the chunk is embedded anew, and what they add to
 * its lexical score is taken off.
 * Goes on behind the answers that there are, and adds to them, so that a failure loses none.
 */
export async function checkCollection(
  deps: CheckDeps,
  { collection, set, answers }: CheckRequest,
): Promise<Evidence> {
  const { chunks, hasFewDocuments } = await sampleChunks(deps, collection);
  for (const question of questionsOf(chunks)) {
    const key = keyOf(question.chunk);
    if (answers.has(key)) continue;
    await deps.untilFree(deps.signal);
    const countAs = hasFewDocuments ? byChunk(question) : byDocument(question.chunk);
    try {
      answers.set(key, await ask(deps, { collection, set, question, countAs }));
    } catch (error) {
      // It may be this text that ends the model.
      if (!isPassing(error)) answers.set(key, undefined);
      throw error;
    }
  }
  return weigh([...answers.values()].filter((legs) => legs !== undefined));
}

async function weigh(asked: readonly HiddenLegs[]): Promise<Evidence> {
  const spreads = asked.reduce((sum, { dense }) => sum + spreadOf(dense), 0);
  const spread = asked.length === 0 ? undefined : spreads / asked.length;
  const found: FoundAt[] = [];
  for (const legs of asked) {
    found.push(foundAt(legs, spread));
    // Fusing them all at once would hold up what is asked meanwhile.
    await nextTurn();
  }
  return { ...denseWeight(found), asked: asked.length, spread };
}

export interface CheckRequest {
  readonly collection: string;
  readonly set: VectorSet;
  readonly answers: Answers;
}

/** The model, or the store, takes no question for now, whatever it is. */
export function isPassing(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === 'OVERLOADED';
  return error instanceof ModelError && error.code !== 'MODEL_CRASHED';
}

interface Asking {
  readonly collection: string;
  readonly set: VectorSet;
  readonly question: CheckQuestion;
  readonly countAs: CountAs;
}

/** Undefined where the question cannot be asked: the model does not take a text, or the set is not searched any more. */
async function ask(
  { store, embedder, signal }: CheckDeps,
  { collection, set, question, countAs }: Asking,
): Promise<HiddenLegs | undefined> {
  const vectors = await embedBoth(embedder, question, signal);
  if (vectors === undefined) return undefined;
  const terms = queryTerms(question.asked).map(({ term }) => term);
  const statistics = await store.termStatistics(collection, terms, { signal });
  const { lexical, dense } = await store.search(
    { collection, text: question.asked, vector: { set: set.id, values: vectors.asked }, k: CANDIDATES },
    { signal },
  );
  if (dense === undefined) return undefined;
  const score = cosine(vectors.asked, vectors.rest);
  // A vector of zeros has no direction.
  if (!Number.isFinite(score)) return undefined;
  return {
    lexical: legWith(lexicalScore(question, lexical, { terms, ...statistics }), lexical, countAs),
    dense: legWith(score, dense, countAs),
  };
}

async function embedBoth(
  embedder: CheckDeps['embedder'],
  { asked, rest }: CheckQuestion,
  signal: AbortSignal,
) {
  const options = { signal, priority: 'background' } as const;
  try {
    const query = await embedder.embed([asked], 'query', options);
    const document = await embedder.embed([rest], 'document', options);
    const [one] = query.vectors;
    const [other] = document.vectors;
    return one && other && { asked: one, rest: other };
  } catch (error) {
    if (error instanceof ModelError && UNFIT.has(error.code)) return undefined;
    throw error;
  }
}

const UNFIT: ReadonlySet<string> = new Set(['PROMPT_TOO_LONG', 'INPUT_EMPTY']);

/** Of vectors of unit length. */
function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
