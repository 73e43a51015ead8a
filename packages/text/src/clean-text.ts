/** Without a byte order mark; NUL and halves of surrogate pairs, which UTF-8 stores cannot keep, become U+FFFD. */
export function cleanText(text: string): string {
  return text
    .replace(/^\uFEFF+/, '')
    .replaceAll('\0', '\uFFFD')
    .toWellFormed();
}
