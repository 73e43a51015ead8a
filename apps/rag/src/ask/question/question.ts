import { type Language, questionLanguage } from '@xnai/text/analyse';
import { tellingWords, type Word, wordsOf } from '../text/words.ts';
import { askedValue } from './asked-value.ts';
import { askingPartOf, halvesOf } from './asking-part.ts';
import { type NamedThing, namedThingsOf } from './named-things.ts';
import { isGeneralAction, isWeakWord } from './weak-words.ts';

/** The form that an answering sentence is likely to have. */
export type QuestionKind =
  | 'quantity'
  | 'time'
  | 'person'
  | 'place'
  | 'reason'
  | 'method'
  | 'definition'
  | 'other';

export interface QuestionTerm extends Word {
  /** 1 for a word about the subject, less for one that only belongs to the way of asking. */
  readonly emphasis: number;
  /** A proper name, a number or an identifier: no other word can stand for it. */
  readonly isName: boolean;
}

export interface Question {
  /** The part of the text that asks. */
  readonly text: string;
  /** Undefined when nothing tells. */
  readonly language: Language | undefined;
  readonly kind: QuestionKind;
  /** Each stem once, in the order asked. */
  readonly terms: readonly QuestionTerm[];
  /** Options, identifiers and quoted words, looked for letter by letter: `--amend`, `core.autocrlf`. */
  readonly literals: readonly string[];
  /** What an answer must hold, itself or in its subject. */
  readonly things: readonly NamedThing[];
  /** The questions that it consists of, each with words of the first one that it leans on; none where it is one. */
  readonly halves: readonly Question[];
}

/**
 * Of a word that only belongs to the way of asking. By hand, as `LENT_EMPHASIS`. By `npm run eval -- weights` without it 29
 * of 480 answers are others, of SQuAD's .756 right instead of .762 and .116 refused instead of .121.
 */
const WEAK_EMPHASIS = 0.3;
/** Says who says so, which the text itself need not: "according to the author". */
const ATTRIBUTION =
  /\b(?:according to|in the (?:view|opinion) of)\s+[^,?.]{1,60}|\b(?:as )?(?:stated|described|mentioned|discussed|given|reported|presented) (?:in|by) the (?:text|passage|article|document|paper|speech|study|paragraph|author)s?\b/gi;

/** Reads a question: its kind, the terms that carry it, and what must be found letter by letter. */
export function readQuestion(text: string): Question {
  const asking = askingPartOf(text);
  const whole = readPart(asking);
  const [first, ...rest] = halvesOf(asking).map(readPart);
  if (first === undefined || rest.length === 0) return whole;
  return { ...whole, halves: [first, ...rest.map((half) => leanOn(first, half))] };
}

function readPart(text: string): Question {
  const kind = kindOf(text);
  const things = namedThingsOf(text, kind === 'method');
  const language = questionLanguage(text);
  return {
    text,
    language,
    kind,
    terms: termsOf(text, language),
    literals: literalsOf(text),
    things,
    halves: [],
  };
}

const REFERS =
  /\b(?:it|its|they|them|their|that|those|these|this|he|she|him|her|his|er|es|sie|il|elle|ils|elles|lo|la)\b/i;
/** Of a word that a second half has from the first. Few ask twice: without it 1 of those 480 answers is another. */
const LENT_EMPHASIS = 0.5;

/** What "it" in the second half stands for is among the words of the first. */
function leanOn(first: Question, half: Question): Question {
  if (!REFERS.test(half.text)) return half;
  const own = new Set(half.terms.map(({ stem }) => stem));
  const lent = first.terms
    .filter(({ stem, emphasis }) => emphasis === 1 && !own.has(stem))
    .map((term) => ({ ...term, emphasis: LENT_EMPHASIS }));
  return { ...half, terms: [...half.terms, ...lent] };
}

const KINDS: readonly (readonly [QuestionKind, RegExp])[] = [
  [
    'quantity',
    /\bhow (?:many|much|long|often|old|far|large|big|high|tall|deep|fast|heavy|wide)\b|\b(?:what|which) (?:percentage|percent|number|amount|share|size|age)\b/i,
  ],
  ['time', /\bwhen\b|\b(?:what|which|in what|in which) (?:year|date|day|month|century|decade|time)\b/i],
  ['reason', /\bwhy\b|\bwhat (?:is|was|are|were) the reasons?\b|\bwhat caus/i],
  [
    'method',
    /\bhow\b|\b(?:which|what) (?:command|option|flag|switch|setting|function|method|variable|parameter)\b/i,
  ],
  // "Wie wechsle ich …", "Comment …", "¿Cómo …", "Come si …", "Como posso …", "Hoe kan ik …"
  [
    'method',
    /(?:^\s*|[,;:] |\b(?:et|moi|savoir|sais|expliqu\p{L}+|montr\p{L}+|comprendre|apprendre|voir) )comment(?! s['’]appelle)(?!\p{L})|(?<!\p{L})(?:wie \p{L}+ (?:ich|man|wir|du|sie)|cómo(?! (?:se llama|es|está))|come (?:si|posso|faccio|devo|fare)|como (?:se|posso|faço|fazer|devo)|hoe \p{L}+ (?:ik|je|we|u))(?!\p{L})|怎[么麼](?!样|樣)|如何|怎样|どうやって|どのように|どうすれば|(?:方法|手順)(?:は|是|を教|[?？]|$)/iu,
  ],
  ['person', /\bwho(?:m|se)?\b/i],
  [
    'place',
    /\bwhere\b|\b(?:what|which) (?:country|city|town|state|place|region|continent|file|directory|folder)\b/i,
  ],
  ['definition', /^\s*(?:what(?:'s| is| are| was| were| does)|define|explain|describe)\b/i],
];

function kindOf(text: string): QuestionKind {
  return KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}

/** "How do I rename", "how to install". */
const ACTION =
  /\bhow (?:to|(?:do|does|did|can|could|should|would|must|may) (?:i|you|we|one|they))\s+(?=(\p{L}+))/iu;

/** The verb of what is to be done, where English asks how. */
export function actionOf(text: string): { readonly start: number; readonly end: number } | undefined {
  const found = ACTION.exec(text);
  if (found === null) return undefined;
  const start = found.index + found[0].length;
  return { start, end: start + (found[1]?.length ?? 0) };
}

/** Whether one option or command of several is asked for. */
export function asksForOption({ text }: Pick<Question, 'text'>): boolean {
  return WHICH_OPTION.test(text);
}

const WHICH_OPTION =
  /(?<!\p{L})(?:which|what|welche[rsnm]?|quelle|qué|cuál|quale|welke) (?:\p{L}+ ){0,2}?(?:option|flag|switch|schalter|opción|opzione|optie)(?!\p{L})|オプション(?:は|を)|哪个选项|什么选项/iu;

/** Whether the answer is a procedure. */
export function asksForSteps({ kind, text }: Question): boolean {
  return kind === 'method' || /\b(?:steps?|procedure|instructions|checklist)\b/i.test(text);
}

const ALL =
  /\b(?:all|every|alle|tou(?:s|tes) les|tod[ao]s l[ao]s)\b|^\s*(?:list|enumerate)\b|^\s*what are the (?:\w+ ){0,3}\w+s\b|^\s*(?:which|what)\b.*\b(?:are there|exist|can occur|are (?:available|supported))\b|^\s*welche\b.*\bgibt es\b/i;

/** Whether the answer is each of several things. */
export function asksForAll({ kind, text }: Pick<Question, 'kind' | 'text'>): boolean {
  return kind !== 'method' && ALL.test(text);
}

const PART =
  'parameters|arguments|options|flags|switches|settings|fields|keys|attributes|properties|columns|subcommands|ingredients|parameter|argumente|optionen|einstellungen|felder|zutaten|paramètres|arguments|options|champs|ingrédients|parámetros|argumentos|opciones|campos|ingredientes|parametri|argomenti|opzioni|ingredienti';
/** Asks for the parts of a thing, which are its list: "What parameters does it take?" */
const PARTS = new RegExp(
  String.raw`(?<=(?<!\p{L})(?:what|which|what are the|welche|quels?|quelles?|quels sont les|quelles sont les|qué|cuáles son l[oa]s|quali|quali sono (?:i|gli|le))(?: \p{L}+)? )(?:${PART})(?!\p{L})`,
  'giu',
);

/** Whether the answer is a list of what belongs to a thing. */
export function asksForParts({ text }: Pick<Question, 'text'>): boolean {
  return text.search(PARTS) >= 0;
}

/** Whether the answer may be a list or a table, whole. */
export function asksForList(question: Question): boolean {
  return asksForSteps(question) || asksForAll(question) || asksForParts(question);
}

/** The kind of entry that is asked for: "all error codes". */
const ENTRY = /(?<=\p{L} )(?:codes|messages|names|numbers|values|entries)(?!\p{L})/giu;

/** Asks for a value, which says it by its unit: "How large is it?" "25 m²". */
const MEASURE =
  /(?<=\bhow )(?:long|often|old|far|large|big|small|high|tall|deep|fast|slow|heavy|wide|thick|hot|cold|warm|strong|expensive)\b/gi;

/** Asks for the form of the answer: "What are the steps to install it?" */
const PROCEDURE =
  /(?<=\bthe (?:\w+ )?)(?:steps|procedure|instructions)(?= (?:to|for|of|in|needed|required)\b)/gi;

/** Belongs to the verb: "When do I get it back?", but not "How do I go to the back office?" */
const BACK =
  /(?<=\b(?:get|got|give|given|pay|paid|send|sent|bring|come|go|take)\b(?: [\w']+){0,4} )(?<!\b(?:an?|the|my|your|our|its|their|this|that) )back\b/gi;

/** Asks for a place, which says it by its form: "/etc/hosts". */
const PLACE = /(?<=^\s*where (?:is|are|can|do|does)\b.* )(?:files?|folders?|director(?:y|ies))(?!\p{L})/giu;

function termsOf(text: string, language: Language = 'en'): readonly QuestionTerm[] {
  const terms = new Map<string, QuestionTerm>();
  const value = askedValue(text, language);
  const action = actionOf(text);
  const asides = [
    ...(value === undefined ? [] : [value]),
    ...[ATTRIBUTION, MEASURE, PROCEDURE, BACK, PLACE, PARTS, ...(ALL.test(text) ? [ENTRY] : [])].flatMap(
      (pattern) =>
        [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({
          start: index,
          end: index + length,
        })),
    ),
  ];
  for (const word of tellingWords(text)) {
    const { stem, raw, start } = word;
    if (terms.has(stem) || isLoneLetter(text, word)) continue;
    const isName = isNameAt(text, word, language);
    const isAside = asides.some((span) => start >= span.start && start < span.end);
    const isSaid = isName || (start === action?.start && !isGeneralAction(raw));
    const isWeak = isAside || IS_HIRAGANA.test(raw) || (isWeakWord(raw, language) && !isSaid);
    const emphasis = isWeak ? WEAK_EMPHASIS : 1;
    terms.set(stem, { ...word, emphasis, isName: isName && !isAside });
  }
  if (terms.size > 0) return [...terms.values()];
  // A question of function words only ("Who is it?") is taken by its words as they are.
  return wordsOf(text).map((word) => ({ ...word, emphasis: 1, isName: false }));
}

/** Endings and particles for the most part. */
const IS_HIRAGANA = /^\p{sc=Hiragana}+$/u;

function isLoneLetter(text: string, { raw, start }: Word): boolean {
  return /^\p{sc=Latin}$/u.test(raw) && !isMarked(text, start);
}

/** A single letter counts when it belongs to an option or identifier: `-f`, `C++`. */
function isMarked(text: string, start: number): boolean {
  return /[-_.$]/.test(text[start - 1] ?? '') || /[-_+#]/.test(text[start + 1] ?? '');
}

/** German writes every noun with a capital. */
function isNameAt(text: string, { raw, start }: Word, language: Language): boolean {
  if (/\d/.test(raw) || /^\p{Lu}{2,}$/u.test(raw) || /\p{Ll}\p{Lu}/u.test(raw)) return true;
  if (language === 'de') return false;
  const before = text.slice(0, start).trimEnd();
  const isSentenceStart = before === '' || /[.?!:]["')]?$/.test(before);
  return /^\p{Lu}/u.test(raw) && !isSentenceStart;
}

const CODE_SPAN = /`([^`]{1,100})`/g;
const QUOTED = /["“]([^"”]{2,100})["”]/g;
const IDENTIFIER =
  /(?<![\p{L}\p{N}])(?:--?[A-Za-z][\w-]*|[\p{L}\p{N}_$@]+(?:[._:/^~\\-]+[\p{L}\p{N}_]+)+|\p{L}+_\p{L}+)/gu;

function literalsOf(text: string): readonly string[] {
  const found = new Set<string>();
  for (const pattern of [CODE_SPAN, QUOTED]) {
    for (const match of text.matchAll(pattern)) found.add((match[1] ?? '').trim().toLowerCase());
  }
  for (const match of text.replace(CODE_SPAN, ' ').matchAll(IDENTIFIER)) found.add(match[0].toLowerCase());
  found.delete('');
  return [...found];
}
