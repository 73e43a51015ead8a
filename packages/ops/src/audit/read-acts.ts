import { join } from 'node:path';
import { listChainFiles, listWriters, readLines } from './chain-files.ts';
import { type AuditLine, parseLine } from './line.ts';

export interface ActFilter {
  readonly since?: Date | undefined;
  /** Part of the name or id of a key, or of a user. */
  readonly by?: string | undefined;
  /** `document.delete`, or its beginning: `document`. */
  readonly what?: string | undefined;
}

/** The acts of all chains in the order of time. It verifies nothing. */
export async function readActs(folder: string, filter: ActFilter = {}): Promise<readonly AuditLine[]> {
  const writers = await listWriters(folder);
  const chains = await Promise.all(writers.map((writer) => readChainActs(join(folder, writer))));
  return chains
    .flat()
    .filter((line) => fits(line, filter))
    .sort((a, b) => a.at.localeCompare(b.at));
}

async function readChainActs(folder: string): Promise<AuditLine[]> {
  const texts = await Promise.all((await listChainFiles(folder)).map(readLines));
  return texts.flatMap(({ lines }) => lines.flatMap((text) => parseLine(text)?.line ?? []));
}

function fits(line: AuditLine, { since, by, what }: ActFilter): boolean {
  if (since !== undefined && Date.parse(line.at) < since.getTime()) return false;
  if (by !== undefined && !line.by?.includes(by)) return false;
  return what === undefined || line.what === what || line.what.startsWith(`${what}.`);
}
