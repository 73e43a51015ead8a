import { longestRun } from './stored-form.ts';

/** Text within a paragraph that is set in one way. */
export interface Run {
  readonly text: string;
  readonly isCode?: boolean | undefined;
  /** Raised or lowered text changes a value: 10^6 is not 106. */
  readonly shift?: 'up' | 'down' | undefined;
}

/** Runs as text of a block: code in backticks, raised and lowered text behind `^` and `_`. */
export function joinRuns(runs: readonly Run[]): string {
  return mergeEqual(runs)
    .map(writeRun)
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

function writeRun({ text, isCode, shift }: Run): string {
  const body = text.trim();
  if (body === '') return text;
  const [before, after] = [text.slice(0, text.indexOf(body)), text.slice(text.trimEnd().length)];
  if (shift === 'up' || shift === 'down') {
    const mark = shift === 'up' ? '^' : '_';
    return `${before}${mark}${/^[-−+]?[\p{L}\p{N}.,]+$/u.test(body) ? body : `(${body})`}${after}`;
  }
  if (isCode !== true) return text;
  const fence = '`'.repeat(longestRun(body) + 1);
  const pad = /^`|`$/.test(body) ? ' ' : '';
  return `${before}${fence}${pad}${body}${pad}${fence}${after}`;
}
