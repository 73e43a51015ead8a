/** Up to four signs side by side, as programs write operators. */
const SIGNS = /^[!#$%&*+./:<=>?@\\^|~-]{1,4}$/;
/** Marks of prose and Markdown: dashes, dots, rules, bullets, headings, paths. */
const PROSE = /^(?:-+|[./\\]+|#+|~+|\*+|:?-[-|:]*|[|:]+-[-|:]*)$/;
const PROSE_INSIDE = /^(?:[-.*~/\\#+]+|:\/+|[?!.]*[?!])$/;

/**
 * Whether a run of signs is an operator: in code marks always, else where it stands free between spaces or close
 * between two words, and does not look like punctuation.
 */
export function isOperator(text: string, start: number, end: number): boolean {
  const run = text.slice(start, end);
  if (!SIGNS.test(run)) return false;
  const before = text[start - 1] ?? ' ';
  const after = text[end] ?? ' ';
  if (before === '`' && after === '`') return true;
  if (end - start < 2) return false;
  if (isFree(before) && isFree(after)) return !PROSE.test(run);
  return INSIDE.test(before) && INSIDE.test(after) && !PROSE_INSIDE.test(run);
}

const INSIDE = /[\p{L}\p{N}_)\]"'(]/u;

function isFree(character: string): boolean {
  return /[\s`]/.test(character);
}
