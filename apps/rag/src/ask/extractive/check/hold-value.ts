import { type AskedValue, askedValue } from '../../question/asked-value.ts';
import type { Question } from '../../question/question.ts';
import type { StatementPlace } from '../evidence.ts';
import { coverage } from '../match-terms.ts';
import { mayBeForms } from '../may-be-forms.ts';
import { SMALL_COLLECTION_CHUNKS, SMALL_PAGE_CHUNKS } from '../small-collection.ts';
import type { WeightedTerm } from '../weigh-terms.ts';

export interface HeldValue<S> {
  /** Those that have the value, where any has it; else all. */
  readonly statements: readonly S[];
  /** The word that asks for a value that no statement about the subject has. */
  readonly missing: string | undefined;
  /**
   * They answer, although they hold few words of the question: each is there in some form, or the collection is one small
   * page that says one such value, whatever its label is ("Zimmer: 80 Euro").
   */
  readonly isTold: boolean;
}

/** By which things are charged, so that no text needs to hold it: "What does a night cost?" and "Room: 80 euros". */
const UNIT =
  /^(?:nights?|visits?|stays?|nacht|nächte|übernachtung(?:en)?|aufenthalt|besuch|nuit(?:ée)?s?|séjour|visite|noches?|estancia|visita|notte|notti|soggiorno|noites?|estadia|nachten|verblijf)$/iu;

/** Where a question asks for a value that has a form of its own, as a price or an age, only what has that answers it. */
export function holdValue<S extends StatementPlace>(
  question: Question,
  terms: readonly WeightedTerm[],
  { statements, chunks }: { readonly statements: readonly S[]; readonly chunks: number },
): HeldValue<S> {
  const value = askedValue(question.text, question.language ?? 'en');
  if (!value?.isOwn || question.halves.length > 0) return { statements, missing: undefined, isTold: false };
  const asking = terms.map((term) => isAsking(term, question, value));
  const subject = terms.map((term, at) =>
    asking[at] || UNIT.test(term.raw) ? { ...term, weight: 0 } : term,
  );
  const isOfAny = subject.every(({ weight }) => weight === 0);
  const inSection = statements.filter((place) => isInSection(place, value) && isTitled(place, subject));
  if (inSection.length > 0 && !isOfAny) return { statements: inSection, missing: undefined, isTold: true };
  const having = statements.filter((place) =>
    value.isOfSentence
      ? saysIt(place, value)
      : value.form.test(place.entry.own.text) || isUnderIt(place, asking),
  );
  const about = having.filter((place) =>
    isOfAny ? value.isOfSentence === true || /\d/.test(place.entry.own.text) : isAbout(place, subject),
  );
  if (about.length > 0) {
    const isTold = isOfAny
      ? chunks <= SMALL_COLLECTION_CHUNKS
      : about.some((place) => coverage(subject, heldBy(place, subject)) === 1);
    return { statements: about, missing: undefined, isTold };
  }
  const amounts = having.filter(({ entry }) => /\d/.test(entry.own.text));
  const isSubjectThere = statements.some((place) => coverage(subject, heldBy(place, subject)) > 0);
  if (chunks <= SMALL_PAGE_CHUNKS && !isSubjectThere && amounts.length === 1 && amounts.every(isLabelled)) {
    return { statements: amounts, missing: undefined, isTold: true };
  }
  // Any text of its subject may be by somebody, and few say by whom.
  if (value.isSure && value.isOfSentence) return { statements: [], missing: undefined, isTold: false };
  const isNone = value.isSure && !statements.some((place) => mayBeInRecord(place, asking, subject));
  const word = terms.find((_, at) => asking[at])?.raw ?? question.text.slice(value.start, value.end);
  return { statements, missing: isNone ? word : undefined, isTold: false };
}

/** A word lent by another half of the question stands elsewhere. */
function isAsking({ start, end, raw }: WeightedTerm, { text }: Question, value: AskedValue): boolean {
  return start < value.end && value.start < end && text.slice(start, end) === raw;
}

/** The many lines of a listing hold some such words by chance. */
function saysIt({ entry: { own, statement } }: StatementPlace, { form }: AskedValue): boolean {
  return statement.kind !== 'code' && form.test(own.text);
}

/** "Ada Berg <ada@bay.example>" under "Author" has no other word. */
const FULL_NAME = /\p{Lu}[\p{L}.'’-]* \p{Lu}\p{L}/u;

function isInSection(
  { evidence: { heading }, entry: { own } }: StatementPlace,
  { section }: AskedValue,
): boolean {
  return section?.heading.test(heading.text) === true && FULL_NAME.test(own.text);
}

/** What is asked about is what the whole document is about. */
function isTitled({ evidence: { title, path } }: StatementPlace, subject: readonly WeightedTerm[]): boolean {
  return coverage(subject, title.held) === 1 || coverage(subject, path.held) === 1;
}

/** A number in a column or behind a label that has the word asked for: "price" needs no currency there. */
function isUnderIt({ entry: { own, lead } }: StatementPlace, asking: readonly boolean[]): boolean {
  return /\d/.test(own.text) && asking.some((isOne, at) => isOne && (lead.held[at] ?? 0) > 0);
}

/** The names of the columns of records in plain text stand elsewhere in their chunk. */
function mayBeInRecord(
  place: StatementPlace,
  asking: readonly boolean[],
  subject: readonly WeightedTerm[],
): boolean {
  const { text } = place.evidence;
  const isNamed = asking.some((isOne, at) => isOne && (text.held[at] ?? 0) > 0);
  return isNamed && /\d/.test(place.entry.own.text) && isAbout(place, subject);
}

/**
 * Another word of the question may say it otherwise. Without it 3 of the 480 answers of `npm run eval -- weights` are others:
 * .111 of the questions of SQuAD without an answer are refused instead of .121.
 */
const LEAST_OF_SUBJECT = 0.4;

function isAbout(place: StatementPlace, subject: readonly WeightedTerm[]): boolean {
  return coverage(subject, heldBy(place, subject)) >= LEAST_OF_SUBJECT;
}

function heldBy(
  { entry: { own, lead }, evidence: { path, title } }: StatementPlace,
  subject: readonly WeightedTerm[],
): readonly number[] {
  const parts = [own, lead, path, title];
  const isHeld = ({ stem }: WeightedTerm, at: number) =>
    parts.some(({ held, stems }) => (held[at] ?? 0) > 0 || stems.some((other) => mayBeForms(stem, other)));
  return subject.map((term, at) => (isHeld(term, at) ? 1 : 0));
}

function isLabelled({ entry: { own, lead } }: StatementPlace): boolean {
  return lead.text !== '' || /^[^:]{1,60}:\s/.test(own.text);
}
