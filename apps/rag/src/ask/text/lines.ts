import type { Span } from './sentences.ts';

const COMMENT = /^\s*(?:#|\/\/|\/\*|\*|;|--\s|<!--|%|REM\b)/;
/** Begins with a name and a sign, or ends in one that no sentence ends in. */
const ENTRY = /^\s*[\w.$"'-]+\s*[=:{[(]|[={};,([]\s*$/;
/** Prose is wrapped near the edge of a page; lines that end earlier end on purpose. */
const WRAPPED_CHARS = 50;

/** Whether each line of a plain text says something of its own: configuration, scripts, logs, lists of options. */
export function isByLine(paragraph: string): boolean {
  const lines = paragraph.split(/\r\n|\n|\r/);
  if (lines.length < 2) return false;
  const ended = lines.slice(0, -1).filter((line) => {
    return line.length < WRAPPED_CHARS || COMMENT.test(line) || ENTRY.test(line);
  });
  return ended.length * 2 > lines.length - 1;
}

/** The lines of a text without the white space around them; a comment goes with the line that it explains. */
export function linesOf(paragraph: string): readonly Span[] {
  const spans: Span[] = [];
  let comment: Span | undefined;
  for (const { 0: line, index } of paragraph.matchAll(/[^\r\n]*\S/g)) {
    const start = index + line.length - line.trimStart().length;
    const span = { start: comment?.start ?? start, end: index + line.length };
    comment = COMMENT.test(line) ? span : undefined;
    if (comment === undefined) spans.push(span);
  }
  return comment === undefined ? spans : [...spans, comment];
}
