import { StoreError } from '../store-error.ts';
import type { Database } from './database.ts';
import { termTable } from './term-tables.ts';

export interface FoundCollection {
  readonly id: number;
  readonly chunks: number;
  /** By which its full-text table was made. */
  readonly termsVersion: number;
  readonly table: string;
}

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export function findCollection(db: Database, name: string): FoundCollection {
  const row = db.get('SELECT id, chunks, terms_version FROM collections WHERE name = ?', name);
  if (row === undefined) {
    const detail = `There is no collection "${name}" (yet): its first document makes it`;
    throw new StoreError('COLLECTION_NOT_FOUND', { detail });
  }
  const id = Number(row['id']);
  const termsVersion = Number(row['terms_version']);
  return { id, chunks: Number(row['chunks']), termsVersion, table: termTable(id, termsVersion) };
}
