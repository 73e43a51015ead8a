import { withoutMarks } from '../text/marks.ts';
import { sentencesOf } from '../text/sentences.ts';
import { tellingWords } from '../text/words.ts';
import { leansOnBefore } from './leans-on-before.ts';

/** A question of a conversation, and what was answered. */
export interface Turn {
  readonly question: string;
  readonly answer: string;
}

const MOST_WORDS = 8;
/** The answer to such a question is what a pronoun after it stands for. */
const ASKS_WHICH =
  /(?<!\p{L})(?:who|whom|which|what (?!is|are|was|were|do|does|did)\p{L}+|wer|wen|welche\p{L}*|qui|quel\p{L}*|lequel|quién\p{L}*|cuál\p{L}*|chi|quale|quem|qual|wie|welk\p{L}*|кто|как\p{L}{2,3})(?!\p{L})/iu;
const CODE = /`([^`\n]+)`/g;
const NAME =
  /(?<=\S )\p{Lu}[\p{L}\p{M}'’.-]+(?:\s+(?:\p{Lu}[\p{L}\p{M}'’.-]+|(?:de|van|von|der|la)(?=\s+\p{Lu})))*/gu;

/** The words that say what a conversation is about at its end, in the order in which they were said. */
export function topicOf(turns: readonly Turn[]): string {
  const words: string[] = [];
  for (const [at, { question, answer }] of turns.entries()) {
    const before = turns[at - 1]?.question ?? '';
    if (before === '' || !leansOnBefore(question, before)) words.length = 0;
    words.push(...tellingWords(question).map(({ raw }) => raw));
    if (ASKS_WHICH.test(question)) words.push(...namesIn(answer));
  }
  return [...new Set(words)].slice(-MOST_WORDS).join(' ');
}

/** Code and proper names of the sentence that answers. */
function namesIn(answer: string): readonly string[] {
  const text = withoutMarks(answer);
  const [first = { start: 0, end: 0 }] = sentencesOf(text);
  const sentence = text.slice(first.start, first.end);
  const code = [...sentence.matchAll(CODE)].map(([, name = '']) => name);
  const names = [...sentence.replace(CODE, ' ').matchAll(NAME)].map(([name]) => name);
  return [...code, ...names].slice(0, 2);
}
