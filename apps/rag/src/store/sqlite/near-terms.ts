import { nearTerms, type Term, type VocabularyTerm } from '@xnai/text/analyse';
import type { NearTerm } from '../store.ts';
import type { Database } from './database.ts';
import type { FoundCollection } from './find-collection.ts';
import { isHeld } from './match-terms.ts';

/** A question with more unknown words is not one of this collection. */
const MOST_UNKNOWN = 3;

/**
 * What to search in place of words that no chunk holds, neither whole nor in another spelling: near spellings, and
 * compounds of which they are a part.
 */
export function findNear(
  db: Database,
  collection: FoundCollection,
  { text, terms }: { readonly text: string; readonly terms: readonly Term[] },
): readonly NearTerm[] {
  const isKnown = ({ start, end }: Term) =>
    terms.some((other) => other.start < end && start < other.end && isHeld(db, collection, other.term));
  const wholes = new Map(terms.filter(({ isPart }) => !isPart).map((whole) => [whole.term, whole]));
  const unknown = [...wholes.values()].filter((whole) => !isKnown(whole));
  if (unknown.length > MOST_UNKNOWN) return [];
  return unknown
    .map(({ term, start, end }) => ({
      term,
      near: nearTerms(text.slice(start, end), vocabulary(db, collection, term)),
    }))
    .filter(({ near }) => near.length > 0);
}

/** Reading all terms takes 10 ms for a thousand chunks, since FTS5 counts through all their places. */
const WHOLE_VOCABULARY_CHUNKS = 5_000;
const SHARED_LETTERS = 2;

/** The terms of a collection; in a large one those with the same beginning. */
function vocabulary(
  db: Database,
  { table, chunks }: FoundCollection,
  term: string,
): readonly VocabularyTerm[] {
  const name = `temp.vocabulary_${table}`;
  db.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS ${name} USING fts5vocab('main', '${table}', 'row')`);
  const from = chunks > WHOLE_VOCABULARY_CHUNKS ? term.slice(0, SHARED_LETTERS) : '';
  const rows = db.all(
    `SELECT term, doc FROM ${name} WHERE term >= ? AND term < ?`,
    from,
    `${from}\u{10FFFF}`,
  );
  return rows.map((row) => ({ term: String(row['term']), frequency: Number(row['doc']) }));
}
