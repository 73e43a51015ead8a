import { isForeign, nearTerms, type Term, type VocabularyTerm } from '@xnai/text/analyse';
import type { NearTerm } from '../store.ts';
import type { Database } from './database.ts';
import type { FoundCollection } from './find-collection.ts';
import { languagesOf } from './languages.ts';
import { isHeld } from './match-terms.ts';

/** A question with more unknown words is not one of this collection. */
const MOST_UNKNOWN = 3;

/** Long words of another language may be near to those of the texts since they are related: "serveur" and "server". */
const LEAST_COGNATE = 7;

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
  const least = isForeign(text, languagesOf(db, collection.id)) ? LEAST_COGNATE : 0;
  return unknown
    .filter(({ start, end }) => end - start >= least)
    .map(({ term, start, end }) => ({
      term,
      near: nearOf(db, collection, { term, word: text.slice(start, end) }),
    }))
    .filter(({ near }) => near.length > 0);
}

/** FTS5 counts through all places of a term that is listed: 20 ms for the whole vocabulary of a thousand chunks. */
const WHOLE_VOCABULARY_CHUNKS = 2_000;
const SHARED_LETTERS = 2;

/** Most errors leave the beginning as it is; the whole vocabulary also has compounds that end with the word. */
function nearOf(
  db: Database,
  collection: FoundCollection,
  { term, word }: { readonly term: string; readonly word: string },
): readonly string[] {
  const near = nearTerms(word, vocabulary(db, collection, term.slice(0, SHARED_LETTERS)));
  if (near.length > 0 || collection.chunks > WHOLE_VOCABULARY_CHUNKS) return near;
  return nearTerms(word, vocabulary(db, collection, ''));
}

/** The terms of a collection with this beginning. */
function vocabulary(db: Database, { table }: FoundCollection, from: string): readonly VocabularyTerm[] {
  const name = `temp.vocabulary_${table}`;
  db.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS ${name} USING fts5vocab('main', '${table}', 'row')`);
  const rows = db.all(
    `SELECT term, doc FROM ${name} WHERE term >= ? AND term < ?`,
    from,
    `${from}\u{10FFFF}`,
  );
  return rows.map((row) => ({ term: String(row['term']), frequency: Number(row['doc']) }));
}
