import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AuditLog, createKey, ensureFirstKey, listKeys, revokeKey } from '@xnai/service';

type Recorder = Pick<AuditLog, 'record'>;

const CRAWLER = 'crawler';

/**
 * Creates the first API key if there is none, and writes the key with which the crawler delivers to rag to
 * `crawlerKeyFile`. The crawler's key is new at each start, so that the data folder contains only hashes of keys.
 *
 * @returns the first key if this call created it, to be shown once
 * @throws {ConfigError} when `givenKey` does not have the form of a key
 * @throws {KeyFileError} when the key file cannot be used
 */
export async function prepareKeys(
  file: string,
  givenKey: string | undefined,
  { crawlerKeyFile, audit }: { readonly crawlerKeyFile: string | undefined; readonly audit: Recorder },
): Promise<string | undefined> {
  const first = await ensureFirstKey(file, { givenKey, audit });
  if (crawlerKeyFile !== undefined) await renewCrawlerKey(file, crawlerKeyFile, audit);
  return first?.generated ? first.key : undefined;
}

/**
 * Replaces the crawler's key, which changes pages of the web alone (scope `web`) and has no rate limit.
 *
 * @throws {KeyFileError} when the key file cannot be used
 */
export async function renewCrawlerKey(file: string, crawlerKeyFile: string, audit: Recorder): Promise<void> {
  for (const { id, name } of await listKeys(file)) if (name === CRAWLER) await revokeKey(file, id, audit);
  const { key } = await createKey(file, { scopes: ['web'], name: CRAWLER, exempt: true }, audit);
  await mkdir(dirname(crawlerKeyFile), { recursive: true, mode: 0o700 });
  await writeFile(crawlerKeyFile, `${key}\n`, { mode: 0o600 });
}
