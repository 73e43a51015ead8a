import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BY_UMASK, makeFolder } from '@xnai/service/make-folder';
import { formatHubSource, type HubSource } from './model-source.ts';

// A process that fetches models for others leaves a note in their directory while a fetch has failed.

/** @param reason one sentence for people. A note that cannot be written is no further obstacle. */
export async function writeFetchNote(directory: string, source: HubSource, reason: string): Promise<void> {
  await makeFolder(directory, BY_UMASK)
    .then(() => writeFile(noteOf(directory, source), `${reason}\n`))
    .catch(() => undefined);
}

/** Why the latest fetch failed; undefined when none has failed. */
export async function readFetchNote(directory: string, source: HubSource): Promise<string | undefined> {
  const text = await readFile(noteOf(directory, source), 'utf8').catch(() => '');
  return text.trim() || undefined;
}

export async function removeFetchNote(directory: string, source: HubSource): Promise<void> {
  await rm(noteOf(directory, source), { force: true }).catch(() => undefined);
}

function noteOf(directory: string, source: HubSource): string {
  return join(directory, `.${encodeURIComponent(formatHubSource(source))}.failed`);
}
