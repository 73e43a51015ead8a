import { listChainFiles, readLines } from './chain-files.ts';
import { GENESIS, type Head, parseLine } from './line.ts';

/** The last line of a chain, whose writer may be at work. */
export async function readHead(folder: string): Promise<Head> {
  for (const file of (await listChainFiles(folder)).toReversed()) {
    const { lines } = await readLines(file);
    const line = parseLine(lines.at(-1) ?? '')?.line;
    if (line !== undefined) return { seq: line.seq, hash: line.hash };
  }
  return GENESIS;
}
