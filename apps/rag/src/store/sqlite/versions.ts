import { BLOCKS_VERSION } from '@xnai/contracts/blocks-version';
import { StoreError } from '../store-error.ts';
import { TERMS_VERSION } from '../term-columns.ts';
import type { Database } from './database.ts';

/**
 * What the parts of an index are made by, besides the tables themselves: how documents are read into blocks, how text is
 * cut into the words of the full-text tables, and how vectors are kept (0: none are).
 */
const VERSIONS = { blocks: BLOCKS_VERSION, terms: TERMS_VERSION, vectors: 1 } as const;

/** @throws {StoreError} INDEX_NEWER when a later release has written a part, or a single document, in its own way */
export function checkVersions(db: Database): void {
  for (const { part, version } of [...db.all('SELECT part, version FROM versions'), newestBlocks(db)]) {
    const ours = VERSIONS[part as keyof typeof VERSIONS] ?? -1;
    if (Number(version) <= ours) continue;
    const detail = `the index holds ${part} of version ${version}; this release reads up to ${ours}`;
    throw new StoreError('INDEX_NEWER', { detail });
  }
}

/** While a later release reads documents again, some are of its version before the part is. */
function newestBlocks(db: Database) {
  const newest = db.get('SELECT max(blocks_version) AS version FROM documents')?.['version'];
  return { part: 'blocks', version: newest ?? 0 };
}

/** Raises the version of each part of which nothing older is left in a document or a collection. */
export function raiseVersions(db: Database): void {
  raise(db, 'blocks', 'SELECT 1 FROM documents WHERE blocks_version < ?1');
  raise(db, 'terms', 'SELECT 1 FROM collections WHERE terms_version < ?1');
}

function raise(db: Database, part: keyof typeof VERSIONS, older: string): void {
  const sql = `UPDATE versions SET version = ?1 WHERE part = ?2 AND version < ?1 AND NOT EXISTS (${older})`;
  db.run(sql, VERSIONS[part], part);
}
