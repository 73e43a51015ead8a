import type { Question, QuestionKind } from './question.ts';

const MONTH = 'January|February|March|April|May|June|July|August|September|October|November|December';
const NUMBER_WORD =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|million|billion|half|third|quarter|dozen|once|twice|never|always';

const FORMS: Readonly<Record<Exclude<QuestionKind, 'other'>, RegExp>> = {
  // The digits of names such as sqlite3_open and sha256 count nothing.
  quantity: new RegExp(`(?<![\\p{L}_]\\d*)\\d|\\b(?:${NUMBER_WORD})\\b`, 'iu'),
  time: new RegExp(
    `\\b\\d{4}\\b|\\b(?:${MONTH})\\b|\\b(?:century|yesterday|today|after|before|during|until|within|when|once|whenever|every|daily|weekly)\\b`,
  ),
  person:
    /\b\p{Lu}\p{Ll}+(?:\s+(?:\p{Lu}\.?\s*)?\p{Lu}\p{Ll}+)?|\b(?:users?|maintainers?|authors?|owners?|administrators?|people)\b/u,
  place:
    /\b(?:in|at|on|to|from|near|under)\s+(?:the\s+)?[\p{Lu}$`/~.]|\/|\b(?:director(?:y|ies)|files?|folders?)\b/u,
  reason:
    /\b(?:because|since|due to|so that|in order to|therefore|thus|reason|caused?|as a result|to (?:avoid|prevent|ensure|keep|make|allow))\b/i,
  method:
    /`[^`]+`|(?:^|\s)--?[a-z]|\b(?:use|using|run|set|call|type|add|pass|enable|by \w+ing|with the|you can|can be)\b/i,
  definition:
    /\b(?:is|are|was|were|means?|refers? to|denotes?|stands for|defined as|consists? of|describes?|specif(?:y|ies)|tells?|causes?|makes?)\b/i,
};

/** Whether a statement has the form of an answer to the kind of question asked: a number, a date, a reason. */
export function hasAnswerForm(question: Question, text: string): boolean {
  return question.kind !== 'other' && FORMS[question.kind].test(text);
}
