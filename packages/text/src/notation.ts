const ELEMENTS = new Set(
  (
    'H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo ' +
    'Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Nd Sm Eu Gd W Re Os Ir Pt Au Hg Tl Pb Bi Ra Th U Pu'
  ).split(' '),
);
/** Raised letters that only end a word: they may stand on the line as well. */
const ORDINAL = /^(?:st|nd|rd|th|ers?|res?|ème|eme|nde|[ªº]|™|®|©|℠|tm|sm|\(r\)|\(tm\))$/i;
const ROMANCE_ORDINAL = /^(?:e|es|o|a|os|as|er|ra|ro|me|lle|gr|re)$/i;
/** Shops raise the cents behind a price. */
const PRICE = /[€$£¥₹]\s?(\d[\d.,]*)$/;

export interface Surroundings {
  /** What was written before, a space at its end when one comes between. */
  readonly before: string;
  /** The next letter of the page, '' at the end of the block. */
  readonly next: string;
  readonly language: string | undefined;
}

/** Raised text so that it keeps its value: `10^6`, `x^{n+1}`, `word[4]` for a mark of a footnote, `1st`. */
export function superscript(text: string, { before, next, language }: Surroundings): string {
  if (text === '' || standsAsItIs(text, language)) return text;
  const last = before.at(-1) ?? '';
  const isNumber = /^\d{1,3}$/.test(text);
  const price = /^\d\d$/.test(text) ? PRICE.exec(before)?.[1] : undefined;
  if (price !== undefined) return `${price.includes('.') ? ',' : '.'}${text}`;
  if (last.trim() === '') return isNumber && !/[\p{L}\d]/u.test(next) ? `[${text}]` : raised('^', text, next);
  if (isNumber && isWord(before)) return `[${text}]`;
  if (isProse(text)) return ` ${text}`;
  return /[\p{L}\p{N})\]}|′'’”"`.]/u.test(last) ? raised('^', text, next) : text;
}

/** In brackets already, the end of an ordinal or of a name, a sign of a footnote. */
function standsAsItIs(text: string, language = ''): boolean {
  if (/^[[(].*[\])]$/.test(text) || /^[*†‡§¶✝]+$/.test(text) || ORDINAL.test(text)) return true;
  return ROMANCE_ORDINAL.test(text) && /^(?:fr|it|es|pt|ca)\b/.test(language);
}

/** Lowered text: `x_1`, `a_{ij}`, and the plain formula of chemistry, `H2O`. */
export function subscript(text: string, { before, next }: Surroundings): string {
  if (text === '') return '';
  if (isProse(text)) return ` ${text}`;
  if (/^\d{1,2}$/.test(text) && isFormula(before, text, next)) return text;
  return /[\p{L}\p{N})\]}|′'`]$/u.test(before) ? raised('_', text, next) : text;
}

function raised(sign: string, text: string, next: string): string {
  const isPlain = /^[-−–+]?[\p{L}\p{N}.,*′]+$/u.test(text) && !/^[\p{L}\p{N}]/u.test(next);
  return isPlain ? `${sign}${text}` : `${sign}{${text}}`;
}

/** A word of a sentence, and no unit or variable. */
function isWord(before: string): boolean {
  return /(?:^|[\s("'“‘-])[\p{L}'’-]*\p{Ll}{3,}[)"”’'.,;:!?]*$/u.test(before) || /[.,;:!?"”»]$/.test(before);
}

function isProse(text: string): boolean {
  return /\p{L}{3,}\s+\p{L}|\p{L}{2,}\s+\d/u.test(text) && !/[+*/=^]/.test(text);
}

function isFormula(before: string, text: string, next: string): boolean {
  const word = /[A-Z][A-Za-z\d()]*$/.exec(before)?.[0] ?? '';
  if (word.endsWith(')')) return /^(?:[A-Z][a-z]?\d*|[()])+$/.test(word) && symbolsOf(word).length > 1;
  const symbols = symbolsOf(word);
  if (symbols.length === 0 || !symbols.every((symbol) => ELEMENTS.has(symbol))) return false;
  if (!ELEMENTS.has(/[A-Z][a-z]?$/.exec(word)?.[0] ?? '')) return false;
  const isMolecule = text === '2' && /^(?:H|N|O|F|Cl|Br|I)$/.test(word) ? true : text === '3' && word === 'O';
  return symbols.length > 1 || /^[A-Z(]/.test(next) || isMolecule;
}

function symbolsOf(word: string): string[] {
  return word.match(/[A-Z][a-z]?/g) ?? [];
}
