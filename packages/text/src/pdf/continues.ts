import type { Region } from './bands.ts';
import type { Element } from './layout.ts';
import type { Line } from './line-parts.ts';
import type { Style } from './style.ts';

export interface PageRegion {
  readonly page: number;
  readonly region: Region;
  /** Where lines end that are full. */
  readonly right: number;
}

/** Lines to look at, above and below, for where full lines end. */
const NEIGHBOURS = 5;

/** Prose of the same size ends at the same edge; a wide table or listing beside it says nothing about it. */
export function rightEdge(elements: readonly Element[], at: number): number {
  const here = elements[at];
  if (here?.kind !== 'line') return 0;
  const { size, isFixedPitch } = here.line;
  const near = elements.slice(Math.max(at - NEIGHBOURS, 0), at + NEIGHBOURS + 1).flatMap((one) => {
    const isAlike =
      one.kind === 'line' && one.region === here.region && one.line.isFixedPitch === isFixedPitch;
    return isAlike && Math.abs(one.line.size - size) < 0.12 * size ? [one.line.x1] : [];
  });
  return Math.max(...near);
}

/** How a line relates to the one before it in reading order. */
export type Step = 'same-block' | 'new-line' | 'new-block';

interface Previous extends PageRegion {
  readonly line: Line;
  /** Whether only the first line of the block has been read. */
  readonly isFirst: boolean;
  /** Left edge of an item's marker: what is further right belongs to the item. */
  readonly markerX: number | undefined;
}

/** Whether a line of text goes on with the block before it. */
export function stepTo(line: Line, place: PageRegion, previous: Previous, style: Style): Step {
  const { line: last } = previous;
  if (Math.abs(line.size - last.size) > 0.12 * Math.max(line.size, last.size)) return 'new-block';
  if (place.region !== previous.region) {
    return continuesElsewhere(line, place, previous) ? 'same-block' : 'new-block';
  }
  const distance = (line.y - last.y) / line.size;
  if (distance < 0.3 || distance > 1.3 * style.leading) return 'new-block';
  return isDivided(last, line) ? 'same-block' : stepBelow(line, place, previous);
}

/** For a line at the usual distance below the last. */
function stepBelow(line: Line, { region }: PageRegion, previous: Previous): Step {
  const { line: last } = previous;
  const isFilled = isFull(last, line, previous.right);
  const isOpen = isFilled && !isTerminal(last.text);
  if (isCentered(line, region) && isCentered(last, region)) return isOpen ? 'same-block' : 'new-line';
  if (isOutOfLine(line, previous, isOpen)) return 'new-block';
  if (line.hasGap || last.hasGap) return 'new-line';
  if (isFilled) return 'same-block';
  return isTerminal(last.text) ? 'new-block' : 'new-line';
}

function isDivided(last: Line, line: Line): boolean {
  return /\p{Ll}-$/u.test(last.text) && /^\p{Ll}/u.test(line.text);
}

/** Whether the left edge of a line says that something new begins. */
function isOutOfLine(line: Line, { line: last, isFirst, markerX }: Previous, isOpen: boolean): boolean {
  const indent = (line.x0 - last.x0) / line.size;
  if (markerX !== undefined && line.x0 < markerX + 0.3 * line.size) return !isOpen;
  if (indent > 0.8) return !(isFirst && (markerX !== undefined || isOpen));
  return indent < -0.8 && !isFirst;
}

/** Over the end of a column or page: the sentence is not at its end, and its line is full. */
function continuesElsewhere(line: Line, { page, region }: PageRegion, previous: Previous): boolean {
  if (page - previous.page > 1 || isTerminal(previous.line.text)) return false;
  if (line.isBold !== previous.line.isBold) return false;
  const isSmall = /^\p{Ll}/u.test(line.text);
  return isSmall || (isFull(previous.line, line, previous.right) && line.x0 - region.left < 0.8 * line.size);
}

/** Whether the first word of the next line had no room on this one: then the line ended because it was full. */
function isFull(last: Line, next: Line, right: number): boolean {
  const [word = ''] = next.text.split(/\s/);
  const room = right - last.x1;
  return room < (Math.min(word.length, 30) + 1) * next.pitch + 2 * next.size;
}

function isTerminal(text: string): boolean {
  return /[.!?:;。！？：؟][\p{Pf}\p{Pe}"'”’*]*$/u.test(text);
}

function isCentered({ x0, x1, size }: Line, { left, right }: Region): boolean {
  return x0 - left > 2 * size && Math.abs(x0 - left - (right - x1)) < size;
}
