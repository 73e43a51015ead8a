import { skipBlank, trimEnd } from '../span.ts';
import type { Block, HeadingBlock, UnitBlock } from './block.ts';

/** The blocks under one heading, up to the next heading. */
export interface Section {
  readonly heading: readonly string[];
  /** Where the heading line begins; equal to `bodyStart` where it is not left out of the chunks. */
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
  /** Between and around them nothing but white space is left over. */
  readonly units: readonly UnitBlock[];
}

/** Groups blocks by heading path. Every character that is not blank is in a unit, or in the heading of its section. */
export function sections(text: string, blocks: readonly Block[]): Section[] {
  const found: Section[] = [];
  const path: HeadingBlock[] = [];
  let open: OpenSection = { heading: undefined, units: [] };
  const close = (end: number, next?: HeadingBlock) => {
    const section = closeSection(text, open, path, end, next);
    if (section !== undefined) found.push(section);
  };
  for (const block of blocks) {
    if (block.type === 'unit') {
      open.units.push(block);
      continue;
    }
    close(block.start, block);
    while ((path.at(-1)?.depth ?? 0) >= block.depth) path.pop();
    path.push(block);
    open = { heading: block, units: [] };
  }
  close(text.length);
  return found;
}

interface OpenSection {
  readonly heading: HeadingBlock | undefined;
  readonly units: UnitBlock[];
}

function closeSection(
  text: string,
  open: OpenSection,
  path: readonly HeadingBlock[],
  end: number,
  next: HeadingBlock | undefined,
): Section | undefined {
  const { heading } = open;
  const start = heading?.start ?? 0;
  const bodyStart = heading?.end ?? 0;
  const units = tile(text, open.units, bodyStart, end);
  const names = path.map((part) => part.text).filter((name) => name !== '');
  if (units.length > 0) {
    return {
      heading: names,
      start,
      bodyStart: units[0]?.start ?? bodyStart,
      end: units.at(-1)?.end ?? end,
      units,
    };
  }
  // A heading with nothing under it: its subsections repeat it in their path; without any, it is text itself.
  if (heading === undefined || (next !== undefined && next.depth > heading.depth && heading.text !== '')) {
    return undefined;
  }
  const line: UnitBlock = { type: 'unit', start, end: trimEnd(text, start, heading.end), kind: 'text' };
  return { heading: names.slice(0, -1), start, bodyStart: start, end: line.end, units: [line] };
}

/** Gives the text between units (list markers, rules, definitions) to the unit after it, or to the last one. */
function tile(text: string, units: readonly UnitBlock[], start: number, end: number): UnitBlock[] {
  const tiled: UnitBlock[] = [];
  let from = start;
  for (const unit of units) {
    const first = skipBlank(text, from, unit.end);
    const last = trimEnd(text, first, unit.end);
    if (last > first) tiled.push({ ...unit, start: first, end: last });
    from = unit.end;
  }
  const restStart = skipBlank(text, from, end);
  const restEnd = trimEnd(text, restStart, end);
  if (restEnd === restStart) return tiled;
  const last = tiled.pop();
  if (last === undefined) return [{ type: 'unit', start: restStart, end: restEnd, kind: 'text' }];
  return [...tiled, { ...last, end: restEnd }];
}
