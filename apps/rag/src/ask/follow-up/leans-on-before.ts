import { type Language, questionLanguage } from '@xnai/text/analyse';
import { tellingWords } from '../text/words.ts';

/** A question with more words of its own stands by itself. */
const FEW_WORDS = 3;

/**
 * Whether a question cannot be understood, or searched for, without what was said before: it has no telling word of its
 * own, or few and a pronoun, or it goes on where the last one ended ("And for larger files?").
 */
export function leansOnBefore(question: string, before: string): boolean {
  const language = questionLanguage(`${before} ${question}`) ?? 'en';
  const telling = tellingWords(question, language);
  if (telling.length === 0) return true;
  return telling.length <= FEW_WORDS && (REFERS[language] ?? /(?!)/u).test(question.trim());
}

/** Pronouns that stand for something, and words that a question goes on with. Articles of the same form are left out. */
const REFERS: Partial<Record<Language, RegExp>> = {
  en: pattern(
    'it its they them their theirs that those these this he she him her his hers ones same there',
    'and but or so then also why for on in at with without from to by after before during what+about how+about',
  ),
  de: pattern(
    'er es sie ihn ihm ihr ihre ihren ihrem ihrer dessen deren das dies diese diesen dieser dieses dort davon dafür damit daran darin daraus darauf',
    'und aber oder dann auch warum für mit ohne bei am im an in von nach vor während was+ist+mit wie+ist+es+mit',
  ),
  fr: pattern(
    'il elle ils elles lui leur leurs cela ça celui celle ceux celles',
    'et mais ou alors aussi pourquoi pour avec sans en dans chez à de après avant pendant qu+en+est',
  ),
  es: pattern(
    'él ella ellos ellas esto eso ese esa esos esas su sus allí hacerlo',
    'y e pero o entonces también por con sin para en a de después antes durante qué+hay+de',
  ),
  it: pattern(
    'lui lei loro esso essa essi esse questo questa quello quella ciò suo sua lì',
    'e ma o allora anche perché per con senza in a di da dopo prima durante',
  ),
  pt: pattern(
    'ele ela eles elas isso isto esse essa este esta seu sua lá',
    'e mas ou então também por para com sem em a de depois antes durante',
  ),
  nl: pattern(
    'hij zij ze hem haar hun dit dat deze ervan daarvan ermee daarmee er',
    'en maar of dan ook waarom voor met zonder op in bij van na tijdens',
  ),
  ru: pattern(
    'он она оно они его её ее их ему ей им ним ней них это этот эта эти там',
    'и а но или тогда также почему для с без в на у от после до',
  ),
  zh: /[它他她这那其]|^(?:那|还有|为什么)/u,
  ja: /(?:それ|これ|そこ|その|この|彼|彼女)|^(?:では|なぜ|また)/u,
  ko: /(?:그것|이것|그는|그녀|거기)|^(?:그럼|그리고|왜)/u,
};

function pattern(pronouns: string, beginnings: string): RegExp {
  const any = (words: string) => words.split(' ').join('|').replaceAll('+', String.raw`\s+`);
  const [start, end] = [String.raw`(?<![\p{L}\p{N}])`, String.raw`(?![\p{L}\p{N}])`];
  return new RegExp(`${start}(?:${any(pronouns)})${end}|^[¿¡]?(?:${any(beginnings)})${end}`, 'iu');
}
