import { joinRuns, type Run } from '../runs.ts';
import { least } from './extent.ts';
import type { Line } from './line-parts.ts';
import type { Style } from './style.ts';

const CJK = /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]/;

/** The lines of one block as running text: words that a line end divided are whole again. */
export function joinLines(lines: readonly Line[], style: Style): string {
  const runs: Run[] = [];
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before !== undefined) joinTo(runs, before, line, style);
    for (const { text, font, shift } of line.runs) runs.push({ text, shift, isCode: style.isCodeFont(font) });
  }
  return joinRuns(withoutLoneSigns(runs));
}

/** TeX takes some signs of its text, such as ", from the font of its code. */
function withoutLoneSigns(runs: readonly Run[]): Run[] {
  const seen = runs.filter(({ text }) => text.trim() !== '');
  const lone = new Set(
    seen.filter((run, index) => {
      const isInCode = seen[index - 1]?.isCode || seen[index + 1]?.isCode;
      return run.isCode && !isInCode && /^[^\p{L}\p{N}]$/u.test(run.text.trim());
    }),
  );
  return runs.map((run) => (lone.has(run) ? { ...run, isCode: false } : run));
}

function joinTo(runs: Run[], before: Line, next: Line, style: Style): void {
  const last = runs.at(-1);
  if (last === undefined) return;
  const [head, tail] = [before.text.split(/\s/).at(-1) ?? '', next.text.split(/\s/)[0] ?? ''];
  if (/[\u00ad\u2010-]$/.test(head) && isDivided(head, tail, style)) {
    runs[runs.length - 1] = { ...last, text: last.text.slice(0, -1) };
  } else if (!joinsWithoutSpace(before.text, next.text, head)) {
    runs.push({ text: ' ' });
  }
}

/** Whether a hyphen is there because the line ended: not in "well-known", if it is written so elsewhere. */
function isDivided(head: string, tail: string, style: Style): boolean {
  if (head.endsWith('\u00ad')) return true;
  if (!/\p{L}{2}.$/u.test(head) || !/^\p{Ll}{2}/u.test(tail) || /:\/\//.test(head)) return false;
  const [first, second] = [
    /[\p{L}-]+$/u.exec(head.slice(0, -1))?.[0] ?? '',
    /^\p{L}+/u.exec(tail)?.[0] ?? '',
  ];
  return (
    !style.words.has(`${first}-${second}`.toLowerCase()) || style.words.has((first + second).toLowerCase())
  );
}

function joinsWithoutSpace(before: string, next: string, head: string): boolean {
  if (CJK.test(before.slice(-1)) && CJK.test(next.slice(0, 1))) return true;
  // A hyphen that stays, and an address that goes on in the next line.
  return /\p{L}[\u2010-]$/u.test(before) || (/:\/\/\S+[/._?&=-]$/.test(head) && /^[\w%]/.test(next));
}

const MAX_INDENT = 200;

/** The lines of a listing: their indentation and the blank lines between them. */
export function joinCode(lines: readonly Line[], leading: number): string {
  const left = least(lines.filter(({ text }) => text !== '').map(({ x0 }) => x0));
  return lines
    .map((line, index) => {
      const before = lines[index - 1];
      const skipped = before === undefined ? 1 : Math.round((line.y - before.y) / (leading * line.size));
      const blank = '\n'.repeat(Math.min(Math.max(skipped - 1, 0), 2));
      const indent = Math.min(Math.max(Math.round((line.x0 - left) / line.pitch), 0), MAX_INDENT);
      return line.text === '' ? '' : blank + ' '.repeat(indent) + line.text;
    })
    .join('\n');
}
