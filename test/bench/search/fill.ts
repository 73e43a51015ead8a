import { inParallel } from '../support/in-parallel.ts';
import { makeDocuments } from '../support/made-up-documents.ts';
import type { RagProcess } from '../support/rag-process.ts';

export const COLLECTION = 'bench';
const BATCH = 100;
const WRITERS = 8;

/** Puts documents until the collection has at least this number of chunks; returns the number that it has. */
export async function fill({ client }: RagProcess, wanted: number): Promise<number> {
  let chunks = 0;
  for (let batch = 0; chunks < wanted; batch++) {
    const results = await inParallel(makeDocuments(BATCH, batch + 1), WRITERS, (document, index) =>
      client.putDocument(COLLECTION, `d${batch}-${index}`, document),
    );
    chunks += results.reduce((sum, result) => sum + result.chunks, 0);
  }
  return chunks;
}
