import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';

/** One figure; `aim` says what it should be, and `isMet` whether it is. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Of the repeats whose median `value` is. */
  readonly least?: number;
  readonly most?: number;
  readonly aim?: string;
  readonly isMet?: boolean;
}

export interface BenchReport {
  readonly name: string;
  readonly rows: readonly Row[];
  /** Every single measurement, for other statistics. */
  readonly raw: unknown;
}

export function machine() {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

export function atMost(what: string, value: number, unit: string, limit: number): Row {
  return { what, value, unit, aim: `under ${limit} ${unit}`, isMet: value < limit };
}

export function atLeast(what: string, value: number, unit: string, limit: number): Row {
  return { what, value, unit, aim: `at least ${limit} ${unit}`.trim(), isMet: value >= limit };
}

/** The middle one of several rounds, with the lowest and the highest. */
export function middleOf(
  what: string,
  values: readonly number[],
  unit: string,
  aim: { readonly atMost?: number; readonly atLeast?: number } = {},
): Row {
  const middle = quantile(values, 0.5);
  const row = { least: Math.min(...values), most: Math.max(...values) };
  if (aim.atMost !== undefined) return { ...atMost(what, middle, unit, aim.atMost), ...row };
  if (aim.atLeast !== undefined) return { ...atLeast(what, middle, unit, aim.atLeast), ...row };
  return { what, value: middle, unit, ...row };
}

export function printReport({ name, rows }: BenchReport): void {
  console.log(`\n${name}`);
  const width = Math.max(...rows.map(({ what }) => what.length));
  const spreads = rows.map(spreadOf);
  const spreadWidth = Math.max(...spreads.map(({ length }) => length));
  for (const [n, { what, value, unit, aim, isMet }] of rows.entries()) {
    const figure = `${format(value).padStart(9)}${(spreads[n] ?? '').padEnd(spreadWidth)} ${unit.padEnd(9)}`;
    const verdict = aim === undefined ? '' : `  ${isMet ? 'meets ' : 'misses'} ${aim}`;
    console.log(`  ${what.padEnd(width)}  ${figure}${verdict}`.trimEnd());
  }
}

function spreadOf({ least, most }: Row): string {
  return least === undefined || most === undefined ? '' : ` [${format(least)}–${format(most)}]`;
}

function format(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) < 1) return value.toFixed(3);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

export async function writeReports(file: string, reports: readonly BenchReport[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const content = { at: new Date().toISOString(), machine: machine(), reports };
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** The value below which the given share of the values lies (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
