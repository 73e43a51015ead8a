/** Half a surrogate pair and NUL cannot be stored by every part of the system; U+FFFD stands in their place. */
export function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

export function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim();
}

/** A cell as it stands in a row: on one line, with `|` as `\|`. */
export function escapeCell(text: string): string {
  return oneLine(text).replaceAll('|', '\\|');
}

/** The cells of a stored row as they were given. */
export function cellsOf(
  text: string,
  row: { readonly cells: readonly number[]; readonly bodyEnd: number },
): string[] {
  return row.cells.map((start, index) => {
    const next = row.cells[index + 1];
    if (next === undefined) return text.slice(start, row.bodyEnd).replaceAll('\\|', '|');
    const cell = text.slice(start, next).trimEnd().replace(/\|$/, '');
    return cell.trimEnd().replaceAll('\\|', '|');
  });
}

/** Code without the blank lines around it; the first line keeps its indentation. */
export function codeBody(text: string): string {
  const body = clean(text).trimEnd();
  const firstLetter = body.length - body.trimStart().length;
  return firstLetter === 0 ? body : body.slice(body.lastIndexOf('\n', firstLetter) + 1);
}

/** A fence that is longer than any run of backticks within. */
export function fenceOf(body: string): string {
  return '`'.repeat(Math.max(3, longestRun(body) + 1));
}

export function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
