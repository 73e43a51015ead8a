import type { Citation, DegradedToken, QueryRequest, QueryResponse } from '@xnai/contracts';
import type { Generator } from '@xnai/inference';
import type { RetrievedChunk } from '../retrieve/retrieve.ts';
import type { AskOptions } from './ask-options.ts';
import { citationOfChunk } from './citations.ts';
import type { Extracted } from './extractive/extract.ts';
import type { Generated } from './generative/generate.ts';
import type { Judge } from './judge/judge.ts';

/** An answer as it was written and shown. */
export interface Written {
  readonly body: Pick<QueryResponse, 'answer' | 'mode' | 'citations' | 'usage'> &
    Partial<Pick<QueryResponse, 'finish_reason' | 'unsupported' | 'missing' | 'nearest'>>;
  readonly timings?: Generated['timings'];
  readonly degraded: readonly DegradedToken[];
}

/** All that an answer can be made of. */
export interface Material {
  readonly generator: Generator;
  readonly judge: Judge;
  readonly request: QueryRequest;
  readonly extract: (chunks: readonly RetrievedChunk[]) => Promise<Extracted>;
  readonly extracted: Extracted;
  readonly searched: string | undefined;
}

/** The chunks that an answer is taken from, best first. */
export function sourcesOf({ extracted, request }: Material): readonly RetrievedChunk[] {
  return extracted.ranking.slice(0, request.top_k);
}

const NO_USAGE = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** Says what was not found, and offers what comes nearest. */
export async function writeNone(
  { extracted, request }: Material,
  { listener }: AskOptions,
): Promise<Written> {
  const { missing, nearest } = extracted;
  const answer = noneText(request.collection, missing);
  await listener?.sources([]);
  await listener?.token(answer);
  return {
    body: {
      answer,
      mode: 'none',
      citations: [],
      ...(missing.length > 0 && { missing: [...missing] }),
      ...(nearest.length > 0 && { nearest: [...nearest] }),
      usage: NO_USAGE,
    },
    degraded: [],
  };
}

function noneText(collection: string, missing: readonly string[]): string {
  if (missing.length === 0) return `Nothing in the collection "${collection}" answers this question.`;
  const things = missing.map((name) => `"${name}"`).join(' or ');
  return `Nothing that was found in the collection "${collection}" mentions ${things}.`;
}

/** The chunks that are quoted come first, so that a number means the same in the sources and in the answer. */
export async function writeExtract(material: Material, { listener }: AskOptions): Promise<Written> {
  const { citations } = material.extracted;
  const answer = saying(material.searched) + material.extracted.answer;
  await listener?.sources([...citations, ...uncited(sourcesOf(material), citations)]);
  for (const text of answer.match(/\S+\s*/g) ?? []) await listener?.token(text);
  return { body: { answer, mode: 'extractive', citations: [...citations], usage: NO_USAGE }, degraded: [] };
}

/** A word that was taken for another is named, so that nobody takes the answer for one about the word itself. */
function saying(searched: string | undefined): string {
  return searched === undefined ? '' : `Showing results for "${searched}".\n\n`;
}

function uncited(chunks: readonly RetrievedChunk[], citations: readonly Citation[]): Citation[] {
  const cited = new Set(citations.map(({ chunk_id }) => chunk_id));
  return chunks
    .map((found) => citationOfChunk(found, 0))
    .filter(({ chunk_id }) => !cited.has(chunk_id))
    .map((citation, position) => ({ ...citation, index: citations.length + position + 1 }));
}
