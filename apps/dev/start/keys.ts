import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createKey, ensureFirstKey, listKeys, revokeKey } from '@xnai/service';

const CRAWLER = 'crawler';

/**
 * Sees to it that there is a way in, and writes the key with which the crawler delivers to rag into `crawlerKeyFile`.
 * That one is new at each start, so that no key lies readable in the data folder.
 *
 * @returns the key that was made, to be shown once
 * @throws KeyFileError; ConfigError when `givenKey` does not have the form of a key
 */
export async function prepareKeys(
  file: string,
  givenKey: string | undefined,
  crawlerKeyFile: string | undefined,
): Promise<string | undefined> {
  const first = await ensureFirstKey(file, givenKey);
  if (crawlerKeyFile !== undefined) await renewCrawlerKey(file, crawlerKeyFile);
  return first?.generated ? first.key : undefined;
}

/** Replaces the crawler's key: scope `ingest` alone, no rate limit. @throws KeyFileError */
export async function renewCrawlerKey(file: string, crawlerKeyFile: string): Promise<void> {
  for (const { id, name } of await listKeys(file)) if (name === CRAWLER) await revokeKey(file, id);
  const { key } = await createKey(file, { scopes: ['ingest'], name: CRAWLER, exempt: true });
  await mkdir(dirname(crawlerKeyFile), { recursive: true, mode: 0o700 });
  await writeFile(crawlerKeyFile, `${key}\n`, { mode: 0o600 });
}
