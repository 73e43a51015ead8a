import type { AuditLine } from './line.ts';
import { mergeNewest, openNewest, type Positions, positionsBehind } from './read-newest.ts';

interface ActFilter {
  readonly since?: Date | undefined;
  /** Part of the name or id of a key, or of a user. */
  readonly by?: string | undefined;
  /** `document.delete`, or its beginning: `document`. */
  readonly what?: string | undefined;
}

/** The acts of all chains in the order of time. It verifies nothing. */
export async function readActs(folder: string): Promise<readonly AuditLine[]> {
  const lines = await Array.fromAsync(mergeNewest(await openNewest(folder, {})));
  return lines.reverse();
}

export interface NewestActsOptions extends ActFilter {
  readonly limit: number;
  /** The `position` of the act to read on behind. Acts that were recorded since then do not move what follows. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PlacedAct {
  readonly line: AuditLine;
  readonly position: string;
}

/**
 * The newest acts that fit, newest first; undefined where there is no chain at all. Of each chain one file is in memory
 * at a time, and no more files are read than it takes. It verifies nothing.
 *
 * @throws {RangeError} when `after` is no position
 * @throws the error of the file system when a chain cannot be read
 */
export async function readNewestActs(
  folder: string,
  { limit, after, signal, ...filter }: NewestActsOptions,
): Promise<readonly PlacedAct[] | undefined> {
  const from = after === undefined ? undefined : parsePositions(after);
  const chains = await openNewest(folder, { from, since: filter.since, signal });
  if (chains.length === 0) return undefined;
  const found: PlacedAct[] = [];
  for await (const line of mergeNewest(chains)) {
    if (!fitsFilter(line, filter)) continue;
    found.push({ line, position: renderPositions(positionsBehind(line, chains)) });
    if (found.length >= limit) break;
  }
  return found;
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

function renderPositions(positions: Positions): string {
  return [...positions].map(([writer, seq]) => `${writer}:${seq}`).join(' ');
}

function parsePositions(text: string): Positions {
  return new Map(
    text.split(' ').map((part) => {
      const [, writer, seq] = /^(.+):(\d{1,15})$/.exec(part) ?? [];
      if (writer === undefined) throw new RangeError(`not a position of audit chains: ${text}`);
      return [writer, Number(seq)];
    }),
  );
}
