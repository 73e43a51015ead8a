import { isFunctionWord, type Language, questionLanguage } from '@xnai/text/analyse';
import {
  decadeSpelling,
  nameSpelling,
  numberSpelling,
  optionSpelling,
  ordinalSpelling,
  ownerSpelling,
  versionSpelling,
} from './spellings.ts';
import { isWeakWord } from './weak-words.ts';

/** What a question asks for by name: a number, a version, a code, an option, an identifier. */
export interface NamedThing {
  /** As people say it: "error 99", "Node 18", "--turbo". */
  readonly name: string;
  /** It is there where all spellings of one way are found. */
  readonly ways: readonly (readonly RegExp[])[];
}

const OPTION = /(?<![\p{L}\p{N}_-])--?[A-Za-z][\w-]*/gu;
/** Only of scripts with spaces between words: in others nothing tells where a name ends. */
const LETTERS = String.raw`[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{M}\p{N}_]+`;
const SIGN = String.raw`::|[-._:/\\@^~'’,]|(?<=\d)[\u00a0\u202f ](?=\d{3}(?![\p{L}\p{N}]))`;
/** Letters, digits and the signs within a name or a number. */
const RUN = new RegExp(String.raw`(?:[.~]?\/|[.$@#§])?${LETTERS}(?:(?:${SIGN})${LETTERS})*(?:\+\+|#)?`, 'gu');

/** The things that a question names, each once, in the order asked. `isProcedure`: it asks how something is done. */
export function namedThingsOf(question: string, isProcedure: boolean): readonly NamedThing[] {
  const options = [...question.matchAll(OPTION)].map(([name]) => ({ name, ways: [[optionSpelling(name)]] }));
  const rest = question.replace(OPTION, (option) => ' '.repeat(option.length));
  const language = questionLanguage(question) ?? 'en';
  const runs = [...rest.matchAll(RUN)].flatMap(({ 0: run, index }) =>
    thingsIn(run, {
      before: rest.slice(0, index),
      after: rest.slice(index + run.length),
      isProcedure,
      language,
    }),
  );
  return [...new Map([...options, ...runs].map((thing) => [thing.name, thing])).values()];
}

interface Surroundings {
  readonly before: string;
  readonly after: string;
  readonly isProcedure: boolean;
  readonly language: Language;
}

const NUMBER = /^\d+(?:[.,'’_\s]\d+)*$/u;
const ORDINAL = /^(\d{1,3})(?:st|nd|rd|th)$/i;
const DECADE = /^(\d{3}0)['’]?s$/;
const DATE = /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})$/;

function thingsIn(run: string, place: Surroundings): readonly NamedThing[] {
  const ordinal = ORDINAL.exec(run);
  if (ordinal !== null) return [{ name: run, ways: [[ordinalSpelling(Number(ordinal[1]))]] }];
  const decade = DECADE.exec(run);
  if (decade !== null) return [{ name: run, ways: waysOfDecade(decade[1] ?? '') }];
  if (DATE.test(run)) return [{ name: run, ways: [dateParts(run)] }];
  if (NUMBER.test(run)) return numberIn(run, place);
  return isIdentifier(run) ? [{ name: run, ways: waysOfName(run) }] : [];
}

/** The 1700s are the eighteenth century, too. */
function waysOfDecade(digits: string): NamedThing['ways'] {
  const century = ordinalSpelling(Math.floor(Number(digits) / 100) + 1);
  return digits.endsWith('00') ? [[decadeSpelling(digits)], [century]] : [[decadeSpelling(digits)]];
}

/** The year and the day; the month may be a word. */
function dateParts(date: string): readonly RegExp[] {
  const [first = '', , last = ''] = date.split(/[-/.]/);
  const [year, day] = first.length === 4 ? [first, last] : [last, first];
  return [numberSpelling(year), ordinalSpelling(Number(day))];
}

function numberIn(
  number: string,
  { before, after, isProcedure, language }: Surroundings,
): readonly NamedThing[] {
  const [, label, gap = ''] = LABEL.exec(before) ?? [];
  const isLabelled = label !== undefined && !saysNothing(label, language);
  const isOwned = isLabelled && /^\p{Lu}/u.test(label) && before.trim().length > label.length;
  const isVersion = /\..*\./.test(number) && !/^\d{1,3}(?:\.\d{3})+$/.test(number);
  const isSmall = /^(?:\d|1[0-2])$/.test(number);
  // "How do I keep the last 10 copies?" gives an amount, which no text needs to hold.
  const isAmount = !isVersion && !isOwned && (isProcedure || isSmall) && isCounted(after, language);
  if (isAmount || (isSmall && !isLabelled)) return [];
  const mayGoOn = isOwned || label?.toLowerCase() === 'version';
  const spelling = isVersion ? versionSpelling(number) : numberSpelling(number, { label, mayGoOn });
  const name = isLabelled ? `${label}${gap}${number}` : number;
  return [{ name, ways: [isOwned ? [spelling, ownerSpelling(label)] : [spelling]] }];
}

/** What a number is the number of: the "error" of "error 99". */
const LABEL = /(\.?[\p{L}\p{M}-]+[+#]*)([\s\u00a0#[(]*)$/u;

function saysNothing(word: string, language: Language): boolean {
  return isFunctionWord(word, language) || isWeakWord(word, language);
}

function isCounted(after: string, language: Language): boolean {
  const word = /^\s+([\p{L}\p{M}]+)/u.exec(after)?.[1]?.toLowerCase();
  return word !== undefined && !isFunctionWord(word, language);
}

/** Letters with digits, or with signs that prose does not have between words. */
function isIdentifier(run: string): boolean {
  if (/\p{N}/u.test(run)) return /\p{L}/u.test(run) || /[-.:/]/.test(run);
  return (
    /_|::|[@\\~$]|[+#]$|^[./]/.test(run) ||
    /\p{L}{2}\.\p{L}{2}|\p{L}:\p{L}/u.test(run) ||
    /^\p{Ll}+(?:\p{Lu}\p{Ll}+)+$/u.test(run)
  );
}

/** A member may be described below a heading that names what it is a member of, and a file by its name alone. */
function waysOfName(name: string): NamedThing['ways'] {
  const whole = [[nameSpelling(name)]];
  if (/\p{N}\.\p{N}/u.test(name)) return whole;
  if (/^[.~]?\/./.test(name)) return [...whole, [nameSpelling(name.slice(name.lastIndexOf('/') + 1))]];
  const members = name.split(/\.|::|#/);
  const isPath = members.length > 1 && members.every((member) => member.length > 1);
  return isPath ? [...whole, members.map(nameSpelling)] : whole;
}
