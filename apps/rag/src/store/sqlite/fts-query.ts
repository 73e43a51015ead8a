/** The list of Lucene's English analyser: words so common that they only cost time. */
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by for if in into is it no not of on or such that the their then there these ' +
    'they this to was will with'
  ).split(' '),
);

/** Enough for a question of 2,000 characters in whole words. */
const MAX_TERMS = 256;

/**
 * An FTS5 expression that matches chunks with any of the words, or undefined when there is no word. Each word is
 * a quoted string, so that nothing the user types is an operator; repeated words count each time, as in Lucene.
 * Stop words are left out unless there is nothing else.
 */
export function ftsQuery(text: string): string | undefined {
  const words = text.normalize('NFC').match(WORD) ?? [];
  const telling = words.filter((word) => !STOP_WORDS.has(word.toLowerCase()));
  const terms = (telling.length > 0 ? telling : words).slice(0, MAX_TERMS);
  return terms.length === 0 ? undefined : terms.map((term) => `"${term}"`).join(' OR ');
}

/** An FTS5 expression that matches chunks with this word; its parts side by side when it has several. */
export function ftsPhrase(word: string): string | undefined {
  const parts = word.normalize('NFC').match(WORD);
  return parts === null ? undefined : `"${parts.join(' ')}"`;
}

/** A word, as the unicode61 tokenizer defines it: letters, numbers and private use, with their marks. */
const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;
