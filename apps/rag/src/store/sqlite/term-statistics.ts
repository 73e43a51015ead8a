import type { TermStatistics } from '../store.ts';
import type { Database } from './database.ts';
import { findCollection } from './find-collection.ts';
import { matchTerm } from './match-terms.ts';

export function termStatistics(db: Database, name: string, terms: readonly string[]): TermStatistics {
  const collection = findCollection(db, name);
  const { table, chunks } = collection;
  const sql = `SELECT count(*) AS n FROM ${table} WHERE ${table} MATCH ?`;
  const frequency = (term: string) => {
    const match = matchTerm(collection, term);
    return match === undefined ? 0 : Number(db.get(sql, match)?.['n']);
  };
  return { chunks, frequencies: terms.map(frequency) };
}
