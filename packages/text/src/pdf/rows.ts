import { greatest } from './extent.ts';
import { mainOf } from './line.ts';
import type { Segment } from './line-parts.ts';
import type { Fragment } from './load-page.ts';

/** What stands on one line, over all columns. */
export interface Row {
  readonly segments: readonly Segment[];
  readonly y: number;
  readonly size: number;
}

/** Height of small letters with half of what rises above them: what makes two pieces stand on one line. */
const BODY_HEIGHT = 0.7;
/** From here on, a gap may be one between columns. */
const GAP = 0.7;
const MARKER = /^(?:[•◦▪▸►‣⁃●○■□➢✓✔\uf0b7\uf0a7\uf076*–—-]|o|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])$/i;
const SECTION_NUMBER = /^(?:\d+(?:\.\d+)*|[A-Z](?:\.\d+)+)\.?$/;

/** @param fragments of one direction, in any order */
export function toRows(fragments: readonly Fragment[]): Row[] {
  const groups: Fragment[][] = [];
  for (const fragment of [...fragments].sort((a, b) => a.y - b.y || a.x - b.x)) {
    const row = groups.slice(-6).findLast((group) => isOnLineOf(fragment, largest(group)));
    if (row === undefined) groups.push([fragment]);
    else row.push(fragment);
  }
  return groups.map(toRow).sort((a, b) => a.y - b.y);
}

function largest(group: readonly Fragment[]): Fragment {
  return group.reduce((best, one) => (one.size > best.size ? one : best));
}

function isOnLineOf(one: Fragment, other: Fragment): boolean {
  const [small, large] = [Math.min(one.size, other.size), Math.max(one.size, other.size)];
  // A large initial or a large bracket is as high as several lines.
  if (large > 2.2 * small) return Math.abs(one.y - other.y) < 0.3 * small;
  const top = Math.max(one.y - BODY_HEIGHT * one.size, other.y - BODY_HEIGHT * other.size);
  return Math.min(one.y, other.y) - top > 0.5 * BODY_HEIGHT * small;
}

function toRow(fragments: readonly Fragment[]): Row {
  const sorted = withoutCopies([...fragments].sort((a, b) => a.x - b.x));
  const main = mainOf(sorted);
  const segments: Fragment[][] = [];
  let end = -Infinity;
  for (const fragment of sorted) {
    const before = segments.at(-1);
    const isMarker = before?.length === 1 && leadsOn(before[0]);
    const limit = (isMarker ? 4 : GAP) * Math.max(main.size, fragment.size);
    if (before === undefined || fragment.x - end > limit) segments.push([fragment]);
    else before.push(fragment);
    end = Math.max(end, fragment.x + fragment.width);
  }
  return { segments: segments.map(toSegment), y: main.y, size: main.size };
}

/** Whether what follows belongs to it in spite of the gap: a bullet, "2.", "(a)", the number of a heading. */
function leadsOn(first: Fragment | undefined): boolean {
  if (first === undefined) return false;
  return MARKER.test(first.text) || (first.font.isBold && SECTION_NUMBER.test(first.text));
}

/** Bold is also made by drawing the same letters twice. */
function withoutCopies(sorted: readonly Fragment[]): Fragment[] {
  return sorted.filter((one, index) => {
    const before = sorted[index - 1];
    return (
      before === undefined ||
      before.text !== one.text ||
      one.x - before.x > 0.15 * one.size ||
      Math.abs(one.y - before.y) > 0.15 * one.size
    );
  });
}

function toSegment(fragments: readonly Fragment[]): Segment {
  const x1 = greatest(fragments.map(({ x, width }) => x + width));
  return { fragments, x0: fragments[0]?.x ?? 0, x1 };
}
