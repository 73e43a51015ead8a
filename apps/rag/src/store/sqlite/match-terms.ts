import type { Term } from '@xnai/text/analyse';
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

/** A word that is said again counts again, but nobody repeats it more often than this for a reason. */
const MAX_REPEATS = 3;
/** A question that is a document is searched by its first terms. */
const MAX_TERMS = 256;

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

/**
 * The terms by which a question is searched. Other spellings of a word and acronyms are searched beside it; the pieces
 * of an identifier or a number only where no chunk holds the whole, since they are common words by themselves.
 */
export function searchTerms(
  db: Database,
  collection: FoundCollection,
  terms: readonly Term[],
): readonly string[] {
  const wholes = terms.filter(({ isPart }) => !isPart);
  return terms.flatMap((term) => {
    const whole = term.isPart ? wholes.find((other) => isWithin(term, other)) : undefined;
    return whole !== undefined && isHeld(db, collection, whole.term) ? [] : [term.term];
  });
}

function isWithin(piece: Term, whole: Term): boolean {
  const length = piece.end - piece.start;
  return whole.start <= piece.start && piece.end <= whole.end && length < whole.end - whole.start;
}
