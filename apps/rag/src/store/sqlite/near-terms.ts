import { nearTerms, type VocabularyTerm } from '@xnai/text/analyse';
import { type Question, SHARED_LETTERS, unknownTerms, WHOLE_VOCABULARY_CHUNKS } from '../search-terms.ts';
import type { NearTerm } from '../store.ts';
import type { Database } from './database.ts';
import type { FoundCollection } from './find-collection.ts';
import { isHeld } from './match-terms.ts';

/**
 * What to search in place of words that no chunk holds: near spellings, and compounds of which they are a part.
 */
export function findNear(db: Database, collection: FoundCollection, question: Question): readonly NearTerm[] {
  const { text } = question;
  return unknownTerms(question, (term) => isHeld(db, collection, term))
    .map(({ term, start, end }) => ({
      term,
      near: nearOf(db, collection, { term, word: text.slice(start, end) }),
    }))
    .filter(({ near }) => near.length > 0);
}

function nearOf(
  db: Database,
  collection: FoundCollection,
  { term, word }: { readonly term: string; readonly word: string },
): readonly string[] {
  const near = nearTerms(word, vocabulary(db, collection, term.slice(0, SHARED_LETTERS)));
  if (near.length > 0 || collection.chunks > WHOLE_VOCABULARY_CHUNKS) return near;
  return nearTerms(word, vocabulary(db, collection, ''));
}

/**
 * The terms of a collection with this beginning. FTS5 counts through all places of a term that is listed: 20 ms for the whole vocabulary of a
 * thousand chunks.
 */
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
