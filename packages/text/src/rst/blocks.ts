import { indentOf, isBlank, takeIndented, takeParagraph } from './lines.ts';
import { type Nesting, type Rst, splitFirst, toText } from './rst.ts';

const RULE = /^([!-/:-@[-`{-~])\1*$/;

/** A title with a line below it, or below and above. */
export function readTitle(
  rst: Rst,
  lines: readonly string[],
  at: number,
  { isTop }: Nesting,
): number | undefined {
  const [first = '', second = ''] = lines.slice(at, at + 2);
  const mark = isTop ? titleMark(lines, at) : undefined;
  if (mark === undefined) {
    // A line between two parts of the text says nothing.
    return RULE.test(first) && first.length >= 4 && isBlank(lines[at + 1]) ? at + 1 : undefined;
  }
  if (!rst.titleMarks.includes(mark)) rst.titleMarks.push(mark);
  const isOver = mark.length === 2;
  const text = toText(rst, isOver ? second : first);
  rst.title ??= text;
  rst.writer.heading(rst.titleMarks.indexOf(mark) + 1, text);
  return at + (isOver ? 3 : 2);
}

/** The letter of the line below a title, twice where there is one above as well. */
function titleMark(lines: readonly string[], at: number): string | undefined {
  const [first = '', second = '', third = ''] = lines.slice(at, at + 3);
  const [above, below] = [first[0] ?? '', second[0] ?? ''];
  if (RULE.test(first))
    return first === third && second.trim() !== '' && first.length >= second.trim().length
      ? above + above
      : undefined;
  const isUnder = RULE.test(second) && second.length >= Math.min(first.length, 4);
  return isUnder && indentOf(first) === 0 ? below : undefined;
}

/** Lines that keep their ends, each behind a bar. */
export function readLineBlock(rst: Rst, lines: readonly string[], at: number): number | undefined {
  if (!/^\|( |$)/.test(lines[at] ?? '')) return undefined;
  const { lines: block, next } = takeParagraph(lines, at);
  rst.writer.paragraph(block.map((line) => toText(rst, line.replace(/^\|/, ''))).join('\n'));
  return next;
}

export function readDoctest(rst: Rst, lines: readonly string[], at: number): number | undefined {
  if (!/^>>>( |$)/.test(lines[at] ?? '')) return undefined;
  const { lines: block, next } = takeParagraph(lines, at);
  rst.writer.code(block.join('\n'), 'python');
  return next;
}

/** A block that is indented without a reason is quoted. */
export function readQuote(
  rst: Rst,
  lines: readonly string[],
  at: number,
  { depth }: Nesting,
): number | undefined {
  if (indentOf(lines[at] ?? '') === 0) return undefined;
  const { lines: block, next } = takeIndented(lines, at);
  const { text, rest } = splitFirst(rst, block);
  rst.writer.quote(text);
  rst.readBody(rest, { depth: depth + 1, isTop: false });
  return next;
}

/** A paragraph, and the literal block that it announces by two colons. */
export function readText(rst: Rst, lines: readonly string[], at: number): number {
  let end = at + 1;
  while (!isBlank(lines[end]) && indentOf(lines[end] ?? '') === 0) end++;
  const text = lines.slice(at, end).join(' ');
  const isLiteral = text.endsWith('::');
  rst.writer.paragraph(toText(rst, isLiteral ? text.replace(/(^|\s)::$|:$/, '') : text));
  return isLiteral ? readLiteral(rst, lines, end) : end;
}

function readLiteral(rst: Rst, lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && isBlank(lines[at])) at++;
  const first = lines[at] ?? '';
  // Lines that all begin with the same mark need no indentation.
  const isQuoted = indentOf(first) === 0 && RULE.test(first[0] ?? '');
  const { lines: code, next } = isQuoted ? takeParagraph(lines, at) : takeIndented(lines, at);
  rst.writer.code(code.join('\n'));
  return Math.max(next, from);
}
