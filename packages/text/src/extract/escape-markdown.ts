/**
 * Private-use characters that the conversion sets and takes away again; a page's own are dropped.
 * `LINE_START` stands before a character that means something only at the start of a line, which is known at the end.
 */
export const CELL_END = '\ue000';
const LINE_START = '\ue001';
/** Most texts have none of it. */
const MAY_BE_SPECIAL = /[\\`*_~<&\]\ue000\ue001]|^\s*[-+#>=\d]/;
const MARKS = /[\ue000\ue001]/g;

/**
 * Escapes only the characters that would be read as Markdown: text is searched and quoted as it is stored, and
 * `git\_add` is neither found nor pretty. To be finished by `settleLineStarts`.
 */
export function escapeMarkdown(text: string): string {
  if (!MAY_BE_SPECIAL.test(text)) return text;
  const hasPair = text.indexOf('~') !== text.lastIndexOf('~');
  return text
    .replace(MARKS, '')
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '\\\\')
    .replace(/`/g, '\\`')
    .replace(/\*/g, escapeStar)
    .replace(/_/g, escapeUnderscore)
    .replace(/~/g, hasPair ? '\\~' : '~')
    .replace(/<(?=[a-z/!?])/gi, '\\<')
    .replace(/&(?=#?\w{1,31};)/g, '\\&')
    .replace(/\](?=[([:])/g, '\\]')
    .replace(/^(\s*)(?=[-+](\s|$)|#{1,6}(\s|$)|>|[-=]+\s*$)/, `$1${LINE_START}`)
    .replace(/^(\s*\d{1,9})(?=[.)](\s|$))/, `$1${LINE_START}`);
}

/** Escapes marks at the start of a line, within quotes and lists too. */
export function settleLineStarts(markdown: string): string {
  return markdown.replace(/^((?:[ \t]|> |- |\d{1,9}\. )*\d{0,9})\ue001/gm, '$1\\').replace(MARKS, '');
}

/** A star between spaces opens nothing. */
function escapeStar(star: string, offset: number, text: string): string {
  return isSpace(text[offset - 1]) && isSpace(text[offset + 1]) ? star : `\\${star}`;
}

/** Within a word an underscore is a letter. */
function escapeUnderscore(underscore: string, offset: number, text: string): string {
  return isWord(text[offset - 1]) && isWord(text[offset + 1]) ? underscore : `\\${underscore}`;
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
