import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BY_UMASK, makeFolder } from '@xnai/service/make-folder';
import { z } from 'zod';
import { type FetchedSource, formatSource } from './model-source.ts';

// A process that fetches models for others leaves a note in their directory while a fetch has failed.

const FetchNote = z.object({
  /** The whole hub or object store, and not only this model. */
  isUnreachable: z.boolean(),
  /** One sentence for people. */
  reason: z.string(),
});
export type FetchNote = z.infer<typeof FetchNote>;

/** A note that cannot be written is no further obstacle. */
export async function writeFetchNote(
  directory: string,
  source: FetchedSource,
  note: FetchNote,
): Promise<void> {
  await makeFolder(directory, BY_UMASK)
    .then(() => writeFile(noteOf(directory, source), `${JSON.stringify(note)}\n`))
    .catch(() => undefined);
}

/** Why the latest fetch failed; undefined when none has failed. */
export async function readFetchNote(
  directory: string,
  source: FetchedSource,
): Promise<FetchNote | undefined> {
  try {
    return FetchNote.parse(JSON.parse(await readFile(noteOf(directory, source), 'utf8')));
  } catch {
    return undefined; // there is none, or it is being written
  }
}

export async function removeFetchNote(directory: string, source: FetchedSource): Promise<void> {
  await rm(noteOf(directory, source), { force: true }).catch(() => undefined);
}

function noteOf(directory: string, source: FetchedSource): string {
  return join(directory, `.${encodeURIComponent(formatSource(source))}.failed`);
}
