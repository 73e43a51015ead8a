/** Lines of one block, and the line behind it. */
export interface TakenLines {
  readonly lines: string[];
  readonly next: number;
}

export function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

export function isBlank(line: string | undefined): boolean {
  return line === undefined || line === '';
}

/** Lines from `from` on that are indented or blank, without the indentation that they share. */
export function takeIndented(lines: readonly string[], from: number): TakenLines {
  const next = endOfIndented(lines, from);
  return { lines: dedent(lines.slice(from, next)), next };
}

/** A block whose first line begins behind a marker of some letters, such as "- " or ".. ". */
export function takeMarked(lines: readonly string[], at: number, marker: number): TakenLines {
  const next = endOfIndented(lines, at + 1);
  const first = (lines[at] ?? '').slice(marker).trimStart();
  return { lines: trimBlank([first, ...shift(lines.slice(at + 1, next))]), next };
}

function endOfIndented(lines: readonly string[], from: number): number {
  let next = from;
  while (next < lines.length && (isBlank(lines[next]) || indentOf(lines[next] ?? '') > 0)) next++;
  return next;
}

/** Lines up to the next blank one. */
export function takeParagraph(lines: readonly string[], from: number): TakenLines {
  let next = from;
  while (!isBlank(lines[next])) next++;
  return { lines: lines.slice(from, next), next };
}

/** Lines without the indentation that they share, and without the blank lines around them. */
export function dedent(lines: readonly string[]): string[] {
  return trimBlank(shift(lines));
}

function shift(lines: readonly string[]): string[] {
  const indents = lines.filter((line) => !isBlank(line)).map(indentOf);
  const least = indents.reduce((smallest, each) => Math.min(smallest, each), Number.MAX_SAFE_INTEGER);
  return lines.map((line) => line.slice(least));
}

function trimBlank(lines: readonly string[]): string[] {
  let [start, end] = [0, lines.length];
  while (start < end && isBlank(lines[start])) start++;
  while (end > start && isBlank(lines[end - 1])) end--;
  return lines.slice(start, end);
}
