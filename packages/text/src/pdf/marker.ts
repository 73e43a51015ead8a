import type { Line, LineRun } from './line-parts.ts';
import { NO_FONT } from './load-page.ts';

export interface Marker {
  /** Undefined for a bullet. */
  readonly ordinal: number | undefined;
  /** Left edge of the marker. */
  readonly x: number;
  /** The line behind its marker. */
  readonly rest: Line;
}

const BULLET = /^(?:[•◦▪▸►‣⁃●○■□➢\uf0b7\uf0a7\uf076]\s*|[*–—-]\s+|o\s{1,}(?=\p{Lu}))/u;
const ORDINAL = /^\(?(\d{1,3})[.)]\s+(?=\S)/;

/** The marker that a line of a list begins with; letters, "(a)", are left to the text. */
export function markerOf(line: Line): Marker | undefined {
  const found = BULLET.exec(line.text) ?? ORDINAL.exec(line.text);
  if (found === null) return undefined;
  const [{ length }, digits] = found;
  const runs = behind(line.runs, length);
  const text = line.text.slice(length);
  const x0 = Math.min(line.x0 + length * line.pitch, line.x1);
  const ordinal = digits === undefined ? undefined : Number(digits);
  return { ordinal, x: line.x0, rest: { ...line, runs, text, x0 } };
}

function behind(runs: readonly LineRun[], length: number): LineRun[] {
  let left = length;
  return runs.flatMap((run) => {
    const text = run.text.slice(left);
    left = Math.max(left - run.text.length, 0);
    return text === '' ? [] : [{ ...run, text }];
  });
}

const LEADERS = /\s*((?:[.…·]\s?){4,})\s*(?=\S{0,8}$)/;

/** An entry of a table of contents without the dots between its title and its page. */
export function withoutLeaders(line: Line): { line: Line; dots: number } {
  const [dots = ''] = LEADERS.exec(line.text) ?? [];
  const text = line.text.replace(LEADERS, ' ').trim();
  const font = line.runs[0]?.font ?? NO_FONT;
  return { line: { ...line, text, runs: [{ text, font, shift: undefined }] }, dots: dots.trim().length };
}
