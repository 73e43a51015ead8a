import type { Element } from './layout.ts';
import type { Style } from './style.ts';

type LineElement = Extract<Element, { kind: 'line' }>;

/** Notes at the foot of a page: small lines at its end, each note with a mark before it. */
export function splitNotes(elements: readonly Element[], { bodySize }: Style) {
  const isSmall = (one: Element | undefined): one is LineElement =>
    one?.kind === 'line' && one.line.size < 0.93 * bodySize;
  const isMarked = ({ line }: LineElement) =>
    line.runs[0]?.shift === 'up' || /^(?:\d{1,2}|[*†‡§])\s?\p{L}/u.test(line.text);
  let start = elements.length;
  while (isSmall(elements[start - 1])) start -= 1;
  const tail = elements.slice(start).filter(isSmall);
  const first = tail.findIndex(isMarked);
  if (first === -1) return { body: elements, notes: [] };
  const notes: LineElement[][] = [];
  for (const one of tail.slice(first)) {
    if (isMarked(one)) notes.push([one]);
    else notes.at(-1)?.push(one);
  }
  return { body: elements.slice(0, start + first), notes };
}
