import { subscript, superscript } from './notation.ts';
import { longestRun } from './stored-form.ts';

/** Text within a paragraph that is set in one way. */
export interface Run {
  readonly text: string;
  readonly isCode?: boolean | undefined;
  /** Raised or lowered text changes a value: 10^6 is not 106. */
  readonly shift?: 'up' | 'down' | undefined;
}

/** How far back a sign looks at what it stands behind. */
const BEFORE_CHARS = 100;

/** Runs as text of a block: code in backticks, raised and lowered text so that it keeps its value. */
export function joinRuns(runs: readonly Run[]): string {
  const merged = mergeEqual(runs);
  const written: string[] = [];
  let before = '';
  for (const [index, run] of merged.entries()) {
    const text = writeRun(run, before, merged[index + 1]?.text.charAt(0) ?? '');
    written.push(text);
    before = (before + text).slice(-BEFORE_CHARS);
  }
  return written
    .join('')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .trim();
}

/** Whether all that can be seen is set as code: such a paragraph is a line of a listing. */
export function isAllCode(runs: readonly Run[]): boolean {
  const seen = runs.filter((run) => run.text.trim() !== '');
  return seen.length > 0 && seen.every((run) => run.isCode === true);
}

/** Letters as they stand, for a listing or a count. */
export function plainText(runs: readonly Run[]): string {
  return runs.map((run) => run.text).join('');
}

/** Editors split a word into runs wherever someone has typed; a code span or an exponent is one all the same. */
function mergeEqual(runs: readonly Run[]): Run[] {
  const merged: Run[] = [];
  for (const run of runs) {
    const last = merged.at(-1);
    if (last !== undefined && (last.isCode ?? false) === (run.isCode ?? false) && last.shift === run.shift) {
      merged[merged.length - 1] = { ...last, text: last.text + run.text };
    } else {
      merged.push(run);
    }
  }
  return merged;
}

function writeRun({ text, isCode, shift }: Run, before: string, next: string): string {
  const body = text.trim();
  if (body === '') return text;
  const [lead, tail] = [text.slice(0, text.indexOf(body)), text.slice(text.trimEnd().length)];
  if (shift !== undefined) {
    const place = { before: before + lead, next: tail === '' ? next : ' ', language: undefined };
    return lead + (shift === 'up' ? superscript(body, place) : subscript(body, place)) + tail;
  }
  if (isCode !== true) return text;
  const fence = '`'.repeat(longestRun(body) + 1);
  const pad = /^`|`$/.test(body) ? ' ' : '';
  return `${lead}${fence}${pad}${body}${pad}${fence}${tail}`;
}
