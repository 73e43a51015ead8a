/** `[label]: destination`; labels have at most 999 characters (CommonMark 4.7). */
const DEFINITION = String.raw`[ \t]*\[(?!\^)(?:[^\\[\]]|\\.){1,999}\]:[ \t]*(?:\n[ \t]*)?(?:<[^<>\n]*>|[^\s<]\S*)`;
const TITLE = String.raw`(?:[ \t]+(?:\n[ \t]*)?|\n[ \t]*)(?:"[^"]*"|'[^']*'|\([^()]*\))`;
const LINE_END = String.raw`[ \t]*(?:\n|$)`;
const TITLED = new RegExp(DEFINITION + TITLE + LINE_END, 'y');
const UNTITLED = new RegExp(DEFINITION + LINE_END, 'y');

/** The first position of a paragraph behind the link definitions that it begins with; they show nowhere. */
export function skipLinkDefinitions(text: string, start: number, end: number): number {
  if (text[start] !== '[') return start;
  const lines = text.slice(start, end).replaceAll('\r\n', ' \n').replaceAll('\r', '\n');
  let at = 0;
  while (lines.charAt(at) !== '') {
    const length = matchAt(TITLED, lines, at) ?? matchAt(UNTITLED, lines, at);
    if (length === undefined) break;
    at += length;
  }
  return start + at;
}

function matchAt(pattern: RegExp, lines: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.exec(lines)?.[0].length;
}
