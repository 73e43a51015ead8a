import { sentencesOf } from '../text/sentences.ts';
import { tellingWords } from '../text/words.ts';

/** A text up to this length is a question as a whole. */
const LONG_CHARS = 240;
/** No query is longer; messages of a chat are. */
const TOO_LONG_CHARS = 2000;
const IS_QUESTION = /[?？؟;]["'”’)\]]*$/u;
const LEAST_TELLING = 2;

/**
 * The part of a long question that asks: its last sentence with a question mark, and as many before it as it needs to say
 * what it is about. A long text that asks nothing is taken whole, and one that is too long for a query ends in what it wants.
 */
export function askingPartOf(text: string): string {
  if (text.length <= LONG_CHARS) return text;
  const sentences = sentencesOf(text);
  const asking = sentences.findLastIndex(({ start, end }) => IS_QUESTION.test(text.slice(start, end)));
  if (asking === -1 && text.length <= TOO_LONG_CHARS) return text;
  const last = asking === -1 ? sentences.length - 1 : asking;
  const end = sentences[last]?.end ?? text.length;
  for (let first = last; first > 0; first--) {
    const part = text.slice(sentences[first]?.start, end);
    if (tellingWords(part).length >= LEAST_TELLING) return part;
  }
  return text;
}

/** Question words after an "and", in the languages that have been looked at. */
const SECOND_HALF = new RegExp(
  [
    String.raw`and (?=(?:how|what|when|where|which|who|whom|whose|why|(?:is|are|was|were|does|do|did|can|may|must|should|will) (?:it|its|they|he|she|this|that|there|the|i|we|you))\b)`,
    String.raw`und (?=(?:wie|was|wann|wo|wer|wen|wem|warum|wieso|welche[rsnm]?|wohin|womit)\b)`,
    String.raw`et (?=(?:comment|quand|où|qui|que|quel|quelle|quels|quelles|combien|pourquoi)\s)`,
    String.raw`y (?=(?:cómo|cuándo|dónde|quién|qué|cuál|cuáles|cuánto|cuánta|cuántos|cuántas|por qué)\s)`,
  ]
    .map((half) => String.raw`,?\s+${half}`)
    .join('|'),
  'iu',
);
const MOST_HALVES = 3;

/** The questions within a question: "What does it cost and when does it leave?". One alone is given as it is. */
export function halvesOf(text: string): readonly string[] {
  const halves = text
    .split(/(?<=[?？؟])\s+/u)
    .flatMap((sentence) => sentence.split(SECOND_HALF))
    .filter((half) => tellingWords(half).length > 0);
  return halves.length > 1 && halves.length <= MOST_HALVES ? halves : [text];
}
