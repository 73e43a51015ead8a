import { createHash } from 'node:crypto';
import { analyse, detectLanguage } from '@xnai/text/analyse';
import { embeddedText, textHashOf } from '../../embedded-text.ts';
import { type IndexedText, indexedText } from '../../indexed-text.ts';
import type { NewDocument } from '../../store.ts';
import { COLUMN_WEIGHTS } from '../../term-columns.ts';

/** What a document is found by. */
export interface CutDocument {
  readonly language: string;
  /** In the order of the chunks. */
  readonly chunks: readonly CutChunk[];
}

export interface CutChunk {
  /** Each once. */
  readonly terms: readonly string[];
  /** Of each term: how often it is there, times what its columns count. */
  readonly weights: readonly number[];
  /** How many terms there are in all. */
  readonly length: number;
  /** Hex, of the text by which it is embedded. */
  readonly textHash: string;
}

export type Indexed = Pick<NewDocument, 'title' | 'inline' | 'text' | 'chunks'>;

export function cutTerms(document: Indexed): CutDocument {
  const chunks = document.chunks.map((chunk) => ({
    ...cutChunk(indexedText(chunk, document)),
    textHash: Buffer.from(textHashOf(embeddedText(chunk, document))).toString('hex'),
  }));
  return { language: detectLanguage(document.text), chunks };
}

function cutChunk(text: IndexedText): Omit<CutChunk, 'textHash'> {
  const weights = new Map<string, number>();
  let length = 0;
  for (const column of ['title', 'heading', 'body', 'context'] as const) {
    for (const { term, isPart } of analyse(text[column])) {
      const key = termKey(term);
      weights.set(key, (weights.get(key) ?? 0) + COLUMN_WEIGHTS[isPart ? 'parts' : column]);
      length += 1;
    }
  }
  return { terms: [...weights.keys()], weights: [...weights.values()], length };
}

/** An entry of an index has at most 2,704 bytes. */
const LONGEST_TERM = 500;

/** A term as it is kept: without halves of a pair, which the server refuses; the rest of a very long one is told by its hash. */
export function termKey(term: string): string {
  if (term.length <= LONGEST_TERM) return term.toWellFormed();
  const hash = createHash('sha256').update(term).digest('base64url');
  return `${term.slice(0, LONGEST_TERM)}${hash}`.toWellFormed();
}
