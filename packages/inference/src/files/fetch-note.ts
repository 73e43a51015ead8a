import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BY_UMASK, makeFolder } from '@xnai/service/make-folder';
import { z } from 'zod';
import { formatHubSource, type HubSource } from './model-source.ts';

// A process that fetches models for others leaves a note in their directory while a fetch has failed.

const FetchNote = z.object({
  /** The hub, and not only this model. */
  isUnreachable: z.boolean(),
  /** One sentence for people. */
  reason: z.string(),
});
export type FetchNote = z.infer<typeof FetchNote>;

/** A note that cannot be written is no further obstacle. */
export async function writeFetchNote(directory: string, source: HubSource, note: FetchNote): Promise<void> {
  await makeFolder(directory, BY_UMASK)
    .then(() => writeFile(noteOf(directory, source), `${JSON.stringify(note)}\n`))
    .catch(() => undefined);
}

/** Why the latest fetch failed; undefined when none has failed. */
export async function readFetchNote(directory: string, source: HubSource): Promise<FetchNote | undefined> {
  try {
    return FetchNote.parse(JSON.parse(await readFile(noteOf(directory, source), 'utf8')));
  } catch {
    return undefined; // there is none, or it is being written
  }
}

export async function removeFetchNote(directory: string, source: HubSource): Promise<void> {
  await rm(noteOf(directory, source), { force: true }).catch(() => undefined);
}

function noteOf(directory: string, source: HubSource): string {
  return join(directory, `.${encodeURIComponent(formatHubSource(source))}.failed`);
}
