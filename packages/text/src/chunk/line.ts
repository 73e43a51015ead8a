/** A line of a text: `end` before its line break, `next` behind it. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

const REST_OF_LINE = /[^\r\n]*/y;

export function lineAt(text: string, start: number): Line {
  REST_OF_LINE.lastIndex = start;
  REST_OF_LINE.test(text);
  const end = REST_OF_LINE.lastIndex;
  const next = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
  return { start, end, next: Math.min(next, text.length) };
}
