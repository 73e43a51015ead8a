import type { Language } from '@xnai/text/analyse';
import type { Row } from '../stored-chunk.ts';
import { type FoundCollection, noCollection } from './collections.ts';
import type { Db } from './db.ts';
import { LANGUAGES } from './languages.ts';
import { isFoundByWords } from './textsearch/tables.ts';
import { type SetRow, toSet } from './vector-sets.ts';

/** All that a search needs to know of a collection before it looks into what it searches. */
export interface Searched extends FoundCollection {
  readonly languages: readonly Language[];
  readonly segments: readonly Segment[];
  /** Its terms are found by pg_textsearch. */
  readonly isFoundByWords: boolean;
  /** Those that are made or searched. */
  readonly sets: readonly SearchedSet[];
}

/** What was packed together. Its lists stay as they are for as long as its mark does. */
export interface Segment {
  readonly id: number;
  readonly mark: string;
}

export interface SearchedSet extends SetRow {
  /** An index finds the nearest vectors of the collection. */
  readonly hasGraph: boolean;
}

const IS_VALID = '(SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass';

/** Of several rows there is one value each: one row is read faster. Graphs are named as `graphOf` and `sharedGraphOf` do. */
const FIND = `SELECT c.id, (SELECT json_build_array(sum(chunks), sum(terms)) FROM counts WHERE collection = c.id) AS counts,
    (${LANGUAGES}) AS languages, ${isFoundByWords('c.id')} AS by_words,
    (SELECT json_agg(json_build_object('id', id, 'mark', mark) ORDER BY id) FROM segments WHERE collection = c.id) AS segments,
    (SELECT json_agg(s ORDER BY id) FROM (SELECT *, coalesce(${IS_VALID}('xnai.vectors_' || id || '_of_' || c.id)), false)
        OR coalesce(${IS_VALID}('xnai.vectors_' || id || '_nearest')), false) AS has_graph
      FROM vector_sets WHERE is_made OR is_searched) s) AS sets
  FROM collections c WHERE c.name = $1`;

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export async function findSearched(db: Db, name: string): Promise<Searched> {
  const row = await db.get(FIND, name);
  if (row === undefined) throw noCollection(name);
  const [chunks, terms] = row['counts'] as readonly number[];
  const sets = (row['sets'] ?? []) as readonly Row[];
  return {
    id: Number(row['id']),
    chunks: Number(chunks),
    terms: Number(terms),
    languages: (row['languages'] ?? []) as readonly Language[],
    isFoundByWords: row['by_words'] === true,
    segments: (row['segments'] ?? []) as readonly Segment[],
    sets: sets.map((set) => ({ ...toSet(set), hasGraph: set['has_graph'] === true })),
  };
}
