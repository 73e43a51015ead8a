/**
 * A stretch of a code block as its author wrote it: the lines of code within an item or a quote begin with the indentation
 * and the marks that the line of `start` has before it.
 */
export function codeText(text: string, start: number, end: number): string {
  const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
  const outer = start === 0 ? 0 : start - lineStart;
  const code = text.slice(start, end);
  if (outer === 0) return code;
  return code.replace(
    /(\r\n|\n|\r)([ \t>]+)/g,
    (_, lineEnd: string, lead: string) => lineEnd + lead.slice(outer),
  );
}
