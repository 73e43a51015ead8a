import type { UnitBlock } from './block.ts';
import { type Chunk, MAX_CHARS, TARGET_CHARS } from './chunk.ts';
import type { Section } from './sections.ts';
import { splitUnit } from './split-unit.ts';

/** A chunk shorter than this takes the next unit even beyond the target. */
const SHORT_CHARS = 300;

/** Packs the units of each section into chunks of about the target size. */
export function packChunks(text: string, sections: readonly Section[]): Chunk[] {
  const chunks: Chunk[] = [];
  for (const section of sections) {
    const units = section.units.flatMap((unit) => splitUnit(text, unit));
    for (const run of joinTail(packRuns(units))) {
      const { start, end } = run;
      const ordinal = chunks.length;
      const context = repeatedHeaders(run.units, start);
      chunks.push({ ordinal, start, end, text: text.slice(start, end), heading: section.heading, context });
    }
  }
  return chunks;
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly units: readonly UnitBlock[];
}

function packRuns(units: readonly UnitBlock[]): Run[] {
  const runs: Run[] = [];
  for (const unit of units) {
    const open = runs.at(-1);
    if (open !== undefined && takes(open, unit)) {
      runs[runs.length - 1] = { start: open.start, end: unit.end, units: [...open.units, unit] };
    } else {
      runs.push({ start: unit.start, end: unit.end, units: [unit] });
    }
  }
  return runs;
}

function takes(open: Run, unit: UnitBlock): boolean {
  const size = unit.end - open.start;
  if (size <= TARGET_CHARS) return true;
  return open.end - open.start < SHORT_CHARS && size <= MAX_CHARS;
}

/** A short rest at the end of a section is no chunk of its own where it fits into the one before. */
function joinTail(runs: readonly Run[]): readonly Run[] {
  const last = runs.at(-1);
  const previous = runs.at(-2);
  if (last === undefined || previous === undefined) return runs;
  const isShort = last.end - last.start < SHORT_CHARS;
  if (!isShort || last.end - previous.start > MAX_CHARS) return runs;
  const joined = { start: previous.start, end: last.end, units: [...previous.units, ...last.units] };
  return [...runs.slice(0, -2), joined];
}

function repeatedHeaders(units: readonly UnitBlock[], start: number): string {
  const headers = units.flatMap(({ table }) =>
    table !== undefined && table.start < start ? [table.text] : [],
  );
  return [...new Set(headers)].join(' ');
}
