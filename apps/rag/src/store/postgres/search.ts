import { filteredDocuments } from '../filter-sql.ts';
import { fuse } from '../fuse.ts';
import type { StoredChunk, StoreHits, StoreQuery, TermStatistics } from '../store.ts';
import { SELECT_CHUNK, toStoredChunk } from '../stored-chunk.ts';
import { type Scored, toHits } from '../to-hits.ts';
import { bothOf, type Db } from './db.ts';
import { FILTER_DIALECT } from './filter-dialect.ts';
import { findMatches, type Matched } from './lexical.ts';
import { findNearest } from './nearest.ts';
import { termKey } from './postings/cut-terms.ts';
import type { ListCache } from './postings/list-cache.ts';
import { countTerms } from './postings/read-postings.ts';
import type { Scoring } from './postings/threads.ts';
import { findSearched } from './searched.ts';

export interface Searching {
  readonly scoring: Scoring;
  readonly cache: ListCache;
  /** Fewer vectors are compared one by one. */
  readonly few: number;
}

const NOTHING: Matched = { matches: [], near: [] };

/** Both legs, each best first. The server looks for the nearest vectors while words are scored here. */
export async function search(db: Db, query: StoreQuery, searching: Searching): Promise<StoreHits> {
  const { text, vector, share } = query;
  const collection = await findSearched(db, query.collection);
  const documents = filteredDocuments(FILTER_DIALECT, collection.id, query.filter);
  const limit = Math.max(query.k, query.joinAmong ?? 0);
  const leg = { collection, documents, limit };
  const [lexical, dense] = await bothOf(
    timed(text === undefined ? undefined : findMatches(db, { ...leg, ...searching, text })),
    timed(vector && findNearest(db, { ...leg, vector, few: searching.few })),
  );
  const { matches, near } = lexical.found ?? NOTHING;
  const nearest = dense.found;
  const tookMs = { lexical: lexical.tookMs, dense: dense.tookMs };
  if (share !== undefined && nearest !== undefined) {
    const best = fuse<Scored>(matches, nearest, share, ({ id }) => id).slice(0, limit);
    const fused = toHits(best, await readChunks(db, best), query);
    return { lexical: [], dense: [], fused, near, tookMs };
  }
  const chunks = await readChunks(db, [...matches, ...(nearest ?? [])]);
  const hits = (found: readonly Scored[]) => toHits(found, chunks, query);
  return { lexical: hits(matches), dense: nearest && hits(nearest), near, tookMs };
}

async function timed<T>(leg: Promise<T> | undefined) {
  const startedMs = performance.now();
  const found = await leg;
  return { found, tookMs: performance.now() - startedMs };
}

/** Chunks that both legs found are read once, and given once. */
async function readChunks(db: Db, found: readonly Scored[]): Promise<ReadonlyMap<number, StoredChunk>> {
  const sql = `${SELECT_CHUNK} JOIN chunks c ON c.document = d.id WHERE c.id = ANY($1::bigint[])`;
  const rows = await db.all(sql, [...new Set(found.map(({ id }) => id))]);
  return new Map(rows.map((row) => [Number(row['id']), toStoredChunk(row)]));
}

export async function termStatistics(
  db: Db,
  { name, terms }: { readonly name: string; readonly terms: readonly string[] },
  searching: Searching,
): Promise<TermStatistics> {
  const collection = await findSearched(db, name);
  const counts = await countTerms(db, { collection, ...searching }, terms);
  return { chunks: collection.chunks, frequencies: terms.map((term) => counts.get(termKey(term)) ?? 0) };
}
