import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createKey } from '@xnai/service';
import { commandAudit } from '../../audit/index.ts';
import { placesIn, type StackPlaces } from '../stack-places.ts';

/** A stack that is not running: an index with documents, a key, an audit and the data of a Redis. */
export async function makeStack(dataDir: string, documents: readonly string[]): Promise<StackPlaces> {
  const made = placesIn(dataDir);
  await mkdir(join(dataDir, 'index'), { recursive: true });
  await mkdir(join(dataDir, 'redis/appendonlydir'), { recursive: true });
  await writeFile(join(dataDir, 'redis/appendonlydir/appendonly.aof.1.incr.aof'), 'queue');
  await writeFile(made.schedules, JSON.stringify({ version: 1, schedules: [{ id: 'nightly' }] }));
  writeDocuments(made, documents);
  const audit = commandAudit(made.audit);
  await createKey(made.keys, { scopes: ['query'], name: basename(dataDir) }, audit);
  return made;
}

export function writeDocuments({ index }: StackPlaces, documents: readonly string[]): void {
  using db = new DatabaseSync(index);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA user_version = 3;
    CREATE TABLE IF NOT EXISTS collections (name TEXT, documents INTEGER, chunks INTEGER);
    CREATE TABLE IF NOT EXISTS documents (name TEXT);
    INSERT INTO collections VALUES ('default', ${documents.length}, ${documents.length * 2})`);
  for (const name of documents) db.prepare('INSERT INTO documents VALUES (?)').run(name);
}
