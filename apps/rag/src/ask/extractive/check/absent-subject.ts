import { askedValue } from '../../question/asked-value.ts';
import type { Question } from '../../question/question.ts';
import type { Evidence } from '../evidence.ts';
import { mayBeForms } from '../may-be-forms.ts';
import type { WeightedTerm } from '../weigh-terms.ts';

const MOST_TERMS = 3;

export interface Asked {
  readonly question: Question;
  readonly terms: readonly WeightedTerm[];
  readonly evidence: readonly Evidence[];
}

/**
 * What a short question asks about, where nothing found holds it in any form: its one noun ("Wie lange dauert die
 * Lieferung?"), or what it asks of that ("Welche Farbe hat die Mühle?", "Wer hat die Mühle gebaut?"), unless such a
 * value is there: "Was kostet ein Zimmer?" and "Zimmer: 80 Euro". Other words often stand nowhere though the answer is
 * there. English is judged by all words.
 */
export function absentSubject(asked: Asked): string | undefined {
  const { halves, things } = asked.question;
  if (asked.terms.length > MOST_TERMS || halves.length > 0 || things.length > 0) return undefined;
  return absentNoun(asked) ?? absentAttribute(asked);
}

function absentNoun({ question, terms, evidence }: Asked): string | undefined {
  const [noun, ...more] = terms.filter((term) => isNoun(question, term));
  if (noun === undefined || more.length > 0) return undefined;
  // After the noun other languages have what is said of it, which may be what the text says in other words.
  if (question.language !== 'de' && noun !== terms.at(-1)) return undefined;
  return isNowhere(noun, terms.indexOf(noun), evidence) ? noun.raw : undefined;
}

function absentAttribute({
  question: { text, language = 'und' },
  terms,
  evidence,
}: Asked): string | undefined {
  if (language !== 'de' && !(language in ARTICLES)) return undefined;
  const absent = terms.filter((term, at) => isNowhere(term, at, evidence));
  const value = askedValue(text, language);
  if (value === undefined) return absent.find(({ start }) => KIND.test(text.slice(0, start)))?.raw;
  const isTold = evidence.some(({ statements, path, title }) =>
    statements.some(({ own, lead }) => {
      const around = value.isOfSentence ? [own, lead] : [own, lead, path, title];
      return value.form.test(own.text) && around.some(({ held }) => held.some((share) => share > 0));
    }),
  );
  return isTold ? undefined : absent[0]?.raw;
}

/** Before the kind of thing that is asked for. */
const KIND =
  /(?<!\p{L})(?:welche[mnrs]?|quel(?:le)?s?(?: est (?:le |la |l['’]))?|de qué|cuál es (?:el|la)|di che|qual(?:e è| è) (?:il|la|l['’])|qual é [oa]|de que|welke)\s*$/iu;

function isNowhere(term: WeightedTerm, at: number, evidence: readonly Evidence[]): boolean {
  return term.isAbsent && !evidence.some((each) => holds(each, term, at));
}

const ARTICLES: Readonly<Record<string, RegExp>> = {
  fr: /(?:(?<!\p{L})(?:les?|la|une?|des|du|aux?)\s+|(?<!\p{L})[ld]['’])$/iu,
  es: /(?<!\p{L})(?:el|las?|los|una?|unos|unas|del|al)\s+$/iu,
  it: /(?:(?<!\p{L})(?:il|l[aeo]|i|gli|un[ao]?)\s+|(?:l|un)['’])$/iu,
  pt: /(?<!\p{L})(?:os?|as?|uma?|uns|umas|d[ao]s?)\s+$/iu,
  nl: /(?<!\p{L})(?:de|het|een)\s+$/iu,
};

/** German writes nouns with a capital; in the other languages an article tells one. */
function isNoun({ text, language = 'und' }: Question, { raw, start }: WeightedTerm): boolean {
  const before = text.slice(0, start);
  if (language === 'de') return /^\p{Lu}\p{Ll}{2}/u.test(raw) && /\p{L}/u.test(before);
  return ARTICLES[language]?.test(before) === true;
}

function holds({ text, path, title }: Evidence, { stem }: WeightedTerm, at: number): boolean {
  return [text, path, title].some(
    ({ held, stems }) => (held[at] ?? 0) > 0 || stems.some((other) => mayBeForms(stem, other)),
  );
}
