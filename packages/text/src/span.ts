const BLANK = /\s/;

/** The first position from `start` on that is not white space, or `end`. */
export function skipBlank(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && BLANK.test(text.charAt(at))) at += 1;
  return at;
}

/** The position after the last character before `end` that is not white space, or `start`. */
export function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && BLANK.test(text.charAt(at - 1))) at -= 1;
  return at;
}

/** Like `skipBlank`, but keeps the indentation of the line it stops in. */
export function skipBlankLines(text: string, start: number, end: number): number {
  const first = skipBlank(text, start, end);
  let at = first;
  while (at > start && !isLineEnd(text.charAt(at - 1))) at -= 1;
  return first === end ? end : at;
}

function isLineEnd(character: string): boolean {
  return character === '\n' || character === '\r';
}
