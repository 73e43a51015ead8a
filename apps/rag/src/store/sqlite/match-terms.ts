import { MAX_REPEATS, MAX_TERMS } from '../search-terms.ts';
import type { Database } from './database.ts';
import type { FoundCollection } from './find-collection.ts';

/**
 * An FTS5 expression that matches chunks with the term, or undefined when the table cannot hold it. A table of version 1
 * has words that SQLite cut and stemmed itself, so that it is asked for words.
 */
export function matchTerm({ termsVersion }: FoundCollection, term: string): string | undefined {
  if (termsVersion > 1) return `"${term.replaceAll('"', '""')}"`;
  const words = term.normalize('NFC').match(WORD);
  return words === null ? undefined : `"${words.join(' ')}"`;
}

/** A word, as the unicode61 tokenizer defines it: letters, numbers and private use, with their marks. */
const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;

/** An FTS5 expression that matches chunks with any of the terms, or undefined when there is none. */
export function matchAny(collection: FoundCollection, terms: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  const phrases = terms.flatMap((term) => {
    const phrase = matchTerm(collection, term);
    if (phrase === undefined) return [];
    const count = (counts.get(phrase) ?? 0) + 1;
    counts.set(phrase, count);
    return count > MAX_REPEATS ? [] : [phrase];
  });
  return phrases.length === 0 ? undefined : phrases.slice(0, MAX_TERMS).join(' OR ');
}

/** Whether any chunk holds the term. */
export function isHeld(db: Database, collection: FoundCollection, term: string): boolean {
  const phrase = matchTerm(collection, term);
  const { table } = collection;
  const sql = `SELECT 1 FROM ${table} WHERE ${table} MATCH ? LIMIT 1`;
  return phrase !== undefined && db.get(sql, phrase) !== undefined;
}
