import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type ChainFile, type ChainText, listChainFiles, listWriters, readLines } from './chain-files.ts';
import { type AuditLine, parseLine } from './line.ts';

/** Numbers of the lines at which the chains are read on, by writer; 0 for a chain that was read to its beginning. */
export type Positions = ReadonlyMap<string, number>;

export interface ReadNewestOptions {
  /** Where to read on; what was written since then, new chains too, is left out. Default: at the ends of all chains. */
  readonly from?: Positions | undefined;
  /** Older files are not opened. A chain may still give lines from before, which the caller leaves out. */
  readonly since?: Date | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A chain that is read backwards, and the next line that it gives; undefined at its beginning. */
interface Reading {
  readonly writer: string;
  readonly lines: AsyncGenerator<AuditLine, void>;
  next: AuditLine | undefined;
}

/**
 * All chains at their ends. A chain whose folder cannot be read fails the whole: its acts would be missing unseen.
 *
 * @throws the error of the file system
 */
export async function openNewest(folder: string, options: ReadNewestOptions): Promise<readonly Reading[]> {
  const writers = await listWriters(folder, { isStrict: true });
  return Promise.all(
    writers.map(async (writer) => {
      const last = options.from === undefined ? Infinity : (options.from.get(writer) ?? 0);
      const lines = readBackwards(join(folder, writer), { ...options, last });
      return { writer, lines, next: await nextOf(lines) };
    }),
  );
}

/** The lines of all chains, newest first; those of one chain stay in its order, whatever its clock said. */
export async function* mergeNewest(chains: readonly Reading[]): AsyncGenerator<AuditLine, void> {
  for (;;) {
    const newest = chains.reduce<Reading | undefined>(newerOf, undefined);
    if (newest?.next === undefined) return;
    yield newest.next;
    newest.next = await nextOf(newest.lines);
  }
}

/** Where to read on behind a line that `mergeNewest` has just given. */
export function positionsBehind(line: AuditLine, chains: readonly Reading[]): Positions {
  return new Map(chains.map(({ writer, next }) => [writer, next === line ? line.seq - 1 : (next?.seq ?? 0)]));
}

function newerOf(best: Reading | undefined, one: Reading): Reading | undefined {
  if (one.next === undefined) return best;
  return best?.next === undefined || one.next.at >= best.next.at ? one : best;
}

/** The lines of one chain from number `last` down. One file is in memory at a time. */
async function* readBackwards(
  folder: string,
  { last, since, signal }: ReadNewestOptions & { readonly last: number },
): AsyncGenerator<AuditLine, void> {
  const files = (await listChainFiles(folder)).filter(({ firstSeq }) => firstSeq <= last);
  for (const file of files.toReversed()) {
    const { lines } = await readUnlessPruned(file);
    let newestMs: number | undefined;
    for await (const line of parseBackwards(lines, signal)) {
      newestMs = Math.max(newestMs ?? -Infinity, Date.parse(line.at));
      if (line.seq <= last) yield line;
    }
    // Of a whole file, as a clock may have been set back between two lines. One without a line says nothing of those before.
    if (since !== undefined && newestMs !== undefined && newestMs < since.getTime()) return;
  }
}

/** Number of lines that are parsed before other work of the process has its turn. */
const LINES_AT_ONCE = 100;

async function* parseBackwards(
  texts: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<AuditLine, void> {
  for (const [index, text] of texts.toReversed().entries()) {
    if (index % LINES_AT_ONCE === 0) await setImmediate(undefined, { signal });
    const line = parseLine(text)?.line;
    if (line !== undefined) yield line;
  }
}

/** The writer deletes its oldest file while this one reads. */
async function readUnlessPruned(file: ChainFile): Promise<Pick<ChainText, 'lines'>> {
  try {
    return await readLines(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lines: [] };
    throw error;
  }
}

async function nextOf(lines: AsyncGenerator<AuditLine, void>): Promise<AuditLine | undefined> {
  return (await lines.next()).value ?? undefined;
}
