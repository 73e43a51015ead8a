import type { Citation } from '@xnai/contracts';
import { chunkId } from '@xnai/text';
import { pageAt } from '../blocks/page-at.ts';
import type { RetrievedChunk } from '../retrieve/retrieve.ts';

/** A piece of a chunk; offsets into the chunk's text. */
export interface QuotedSpan {
  readonly start: number;
  readonly end: number;
}

/** The citation of a piece of a chunk; its offsets are those of the document. */
export function citationOf(
  { chunk, score }: RetrievedChunk,
  { start, end }: QuotedSpan,
  { index, verified }: { readonly index: number; readonly verified: boolean },
): Citation {
  return {
    index,
    document_id: chunk.documentId,
    chunk_id: chunkId(chunk.documentId, chunk.ordinal),
    url: chunk.url ?? null,
    title: chunk.title ?? null,
    heading: [...chunk.heading],
    quote: chunk.text.slice(start, end),
    start: chunk.start + start,
    end: chunk.start + end,
    ...pageAt(chunk, start),
    score,
    verified,
  };
}

/** A chunk as a source that nothing has been quoted from yet. */
export function citationOfChunk(found: RetrievedChunk, index: number): Citation {
  return citationOf(found, { start: 0, end: found.chunk.text.length }, { index, verified: false });
}
