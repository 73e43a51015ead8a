import type { ChatMessage } from '@xnai/inference';
import { tellingWords } from '../ask/text/words.ts';

/**
 * The question of a chat: the last message of the user. One that leans on the question before it, as "Can it be raised?"
 * does, says too little to be searched for alone: both together are the question then.
 */
export function questionOf(messages: readonly ChatMessage[]): string {
  const asked = messages.filter(({ role }) => role === 'user').map(({ content }) => content.trim());
  const last = asked.at(-1) ?? '';
  const before = asked.at(-2) ?? '';
  const both = `${before}\n${last}`;
  return before !== '' && leansOnBefore(last) && both.length <= MOST_CHARACTERS ? both : last;
}

/** Of a query. */
const MOST_CHARACTERS = 2_000;
const REFERS = /\b(?:it|its|they|them|their|that|those|these|this|he|she|him|her|his|ones|same)\b/i;
const GOES_ON = /^(?:and|but|or|so|then|also|why|(?:what|how) about)\b/i;
/** A question with more words of its own stands by itself. */
const FEW_WORDS = 3;

function leansOnBefore(question: string): boolean {
  const telling = tellingWords(question);
  return (
    telling.length === 0 || (telling.length <= FEW_WORDS && (REFERS.test(question) || GOES_ON.test(question)))
  );
}
