import { type Line, lineAt } from './line.ts';

const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;

/** The marks that open fenced code in this line, if it does. */
export function openingFence(line: string): string | undefined {
  return FENCE.exec(line)?.[1];
}

/** Where the code that `opening` opens has its end: behind the closing line, or the text's end without one. */
export function fenceEnd(text: string, opening: Line, fence: string): number {
  const closing = new RegExp(`^ {0,3}\\${fence[0]}{${fence.length},}[ \\t]*$`);
  let line = lineAt(text, opening.next);
  for (; line.start < text.length; line = lineAt(text, line.next)) {
    if (line.end - line.start < 1000 && closing.test(text.slice(line.start, line.end))) return line.next;
  }
  return text.length;
}
