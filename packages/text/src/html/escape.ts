/** Characters of a text that Markdown would take for marks. */
export function escapeText(text: string): string {
  return text
    .replace(/[\\`*[\]]|<(?=[a-z/!?])|&(?=#?\w{1,32};)/gi, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/~~/g, '\\~~');
}

/** What would make a heading, a list, a quotation or a rule of a paragraph. */
export function escapeLineStart(text: string): string {
  return text
    .replace(/^( {0,3})([#>+-])(?=\s|$)/gm, '$1\\$2')
    .replace(/^(\s*\d{1,9})([.)])(?=\s|$)/gm, '$1\\$2')
    .replace(/^([=-])(?=\1*\s*$)/gm, '\\$1');
}
