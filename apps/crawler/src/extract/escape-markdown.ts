/**
 * Escapes what would be read as Markdown, and nothing else: text is searched and quoted as it is stored, and
 * `git\_add` is neither found nor pretty.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '\\\\')
    .replace(/`/g, '\\`')
    .replace(/\*/g, escapeStar)
    .replace(/_/g, escapeUnderscore)
    .replace(/~/g, text.indexOf('~') === text.lastIndexOf('~') ? '~' : '\\~')
    .replace(/<(?=[a-z/!?])/gi, '\\<')
    .replace(/&(?=#?\w{1,31};)/g, '\\&')
    .replace(/\](?=[([:])/g, '\\]')
    .replace(/^(\s*)([-+>]|#{1,6}|=+)(?=\s|$)/g, '$1\\$2')
    .replace(/^(\s*)>/g, '$1\\>')
    .replace(/^(\s*\d{1,9})([.)])(?=\s|$)/g, '$1\\$2')
    .replace(/^(\s*)-(?=-*\s*$)/g, '$1\\-');
}

/** A star between spaces opens nothing. */
function escapeStar(star: string, offset: number, text: string): string {
  return isSpace(text[offset - 1]) && isSpace(text[offset + 1]) && offset > 0 ? star : `\\${star}`;
}

/** Within a word an underscore is a letter. */
function escapeUnderscore(underscore: string, offset: number, text: string): string {
  return isWord(text[offset - 1]) && isWord(text[offset + 1]) ? underscore : `\\${underscore}`;
}

function isSpace(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
