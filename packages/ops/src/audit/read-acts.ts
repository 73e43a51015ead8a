import { join } from 'node:path';
import { listChainFiles, listWriters, readLines } from './chain-files.ts';
import { type AuditLine, parseLine } from './line.ts';

interface ActFilter {
  readonly since?: Date | undefined;
  /** Part of the name or id of a key, or of a user. */
  readonly by?: string | undefined;
  /** `document.delete`, or its beginning: `document`. */
  readonly what?: string | undefined;
}

/** The acts of all chains in the order of time. It verifies nothing. */
export async function readActs(folder: string): Promise<readonly AuditLine[]> {
  const writers = await listWriters(folder);
  const chains = await Promise.all(writers.map((writer) => readChainActs(join(folder, writer))));
  return chains.flat().sort((a, b) => a.at.localeCompare(b.at));
}

async function readChainActs(folder: string): Promise<AuditLine[]> {
  const texts = await Promise.all((await listChainFiles(folder)).map(readLines));
  return texts.flatMap(({ lines }) => lines.flatMap((text) => parseLine(text)?.line ?? []));
}

export function fitsFilter(line: AuditLine, { since, by, what }: ActFilter): boolean {
  if (since !== undefined && Date.parse(line.at) < since.getTime()) return false;
  if (by !== undefined && !line.by?.includes(by)) return false;
  return what === undefined || isOfKind(line.what, what);
}

/** Whether an act is the named one, or one of the named kind. */
export function isOfKind(act: string, name: string): boolean {
  return act === name || act.startsWith(`${name}.`);
}
