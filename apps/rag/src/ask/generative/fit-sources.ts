import type { QueryRequest } from '@xnai/contracts';
import type { Generator, ModelCallOptions } from '@xnai/inference';
import { ModelError } from '@xnai/inference';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { buildPrompt, sourceText } from './prompt.ts';

interface FittedSources {
  readonly chunks: readonly RetrievedChunk[];
  /** As the model reads them, one for each chunk. */
  readonly texts: readonly string[];
}

export interface FitWork {
  readonly request: QueryRequest;
  readonly chunks: readonly RetrievedChunk[];
  /** Kept free for the answer. */
  readonly maxTokens: number;
  /** The share of the room that may be used, from 0 to 1. */
  readonly budget: number;
}

/**
 * The best chunks that fit beside the question and the answer.
 *
 * @throws {ModelError} PROMPT_TOO_LONG when not even one fits
 */
export async function fitSources(
  generator: Generator,
  { request, chunks, maxTokens, budget }: FitWork,
  { signal, deadline }: ModelCallOptions,
): Promise<FittedSources> {
  const texts = chunks.map((found, position) => sourceText(found, position + 1));
  const [frame, counts] = await Promise.all([
    generator.countPrompt(buildPrompt(request.query, []), { signal, deadline }),
    generator.countTokens(texts, { signal, deadline }),
  ]);
  const room = contextOf(generator) - maxTokens - frame;
  const count = countFitting(counts, room * budget);
  if (count === 0) throw new ModelError('PROMPT_TOO_LONG');
  const fitting = joinNeighbours(chunks.slice(0, count));
  return { chunks: fitting, texts: fitting.map((found, position) => sourceText(found, position + 1)) };
}

export function contextOf(generator: Generator): number {
  return generator.info()?.contextTokens ?? 2048;
}

/** Chunks that follow each other in their document stand together and in its order, where the best of them stood. */
function joinNeighbours(chunks: readonly RetrievedChunk[]): readonly RetrievedChunk[] {
  const byPlace = new Map(chunks.map((found) => [placeOf(found, 0), found]));
  const placed = new Set<RetrievedChunk>();
  for (const found of chunks) {
    let first = found;
    for (let before = byPlace.get(placeOf(first, -1)); before; before = byPlace.get(placeOf(first, -1)))
      first = before;
    for (let next: RetrievedChunk | undefined = first; next; next = byPlace.get(placeOf(next, 1)))
      placed.add(next);
  }
  return [...placed];
}

function placeOf({ chunk }: RetrievedChunk, offset: number): string {
  return `${chunk.documentId}#${chunk.ordinal + offset}`;
}

/** Two tokens more for each, for the blank line between sources. */
function countFitting(counts: readonly number[], room: number): number {
  let used = 0;
  for (const [index, tokens] of counts.entries()) {
    used += tokens + 2;
    if (used > room) return index;
  }
  return counts.length;
}
