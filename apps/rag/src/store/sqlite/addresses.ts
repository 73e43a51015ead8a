import type { Metadata } from '@xnai/contracts';
import { isBetterAddress } from '../address.ts';
import { type Named, namedBy, toNamed } from '../named.ts';
import type { NewDocument } from '../store.ts';
import { packLinks } from '../stored-document.ts';
import type { ExportedAlias } from '../transfer.ts';
import type { Database } from './database.ts';
import { replaceMetadataRows } from './metadata-rows.ts';

/** The best addresses of a document first, as `isBetterAddress` has it where nothing else tells. */
export const BEST_FIRST = "instr(url, '?') > 0, length(url), url";

/**
 * From format 2 to 3. Pages of the web with one text are one document; its other addresses are its aliases. `links` are
 * those of each address, so that a page that has not changed need not be fetched to follow them.
 */
export const KEEP_ADDRESSES = `
  BEGIN IMMEDIATE;
  ALTER TABLE documents ADD COLUMN text_hash TEXT;
  CREATE INDEX documents_text ON documents (collection, text_hash) WHERE text_hash IS NOT NULL;
  CREATE TABLE aliases (
    collection INTEGER NOT NULL,
    name TEXT NOT NULL,
    document INTEGER NOT NULL,
    url TEXT NOT NULL,
    title TEXT,
    content_hash TEXT NOT NULL,
    metadata TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (collection, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX aliases_best ON aliases (document, ${BEST_FIRST});
  CREATE TABLE links (
    collection INTEGER NOT NULL,
    name TEXT NOT NULL,
    urls BLOB NOT NULL,
    PRIMARY KEY (collection, name)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 3;
  COMMIT;
`;

export const SELECT_SAME_TEXT =
  'SELECT * FROM documents WHERE collection = ? AND text_hash = ? AND name <> ? LIMIT 1';

/** The document of another id that has this text. */
export function findSameText(
  db: Database,
  collection: number,
  { id, textHash }: { readonly id: string; readonly textHash: string },
): { readonly place: number; readonly main: Named } | undefined {
  const row = db.get(SELECT_SAME_TEXT, collection, textHash, id);
  return row && { place: Number(row['id']), main: toNamed(row) };
}

/**
 * Makes an address without a document or alias of its own one more address of the document at `place`, or its main
 * one where it is the better. Returns the name of the document after that.
 */
export function addAddress(
  db: Database,
  collection: number,
  place: number,
  { document, main, at }: { readonly document: NewDocument; readonly main: Named; readonly at: string },
): string {
  const added = namedBy(document, at);
  if (!isBetterAddress(added, main)) {
    insertAlias(db, collection, place, added);
    return main.name;
  }
  rename(db, collection, place, added);
  insertAlias(db, collection, place, main);
  return added.name;
}

/** Gives a document the best of its aliases as its main address; false when it has none. */
export function promoteAlias(db: Database, collection: number, place: number): boolean {
  const row = db.get(`SELECT * FROM aliases WHERE document = ? ORDER BY ${BEST_FIRST} LIMIT 1`, place);
  if (row === undefined) return false;
  const alias = toNamed(row);
  removeAlias(db, collection, alias.name);
  rename(db, collection, place, alias);
  return true;
}

/** False when there was no such alias. */
export function removeAlias(db: Database, collection: number, name: string): boolean {
  return db.run('DELETE FROM aliases WHERE collection = ? AND name = ?', collection, name).changes > 0;
}

/** False when there is no such alias. */
export function replaceAliasMetadata(
  db: Database,
  collection: number,
  name: string,
  { metadata, at }: { readonly metadata: Metadata; readonly at: string },
): boolean {
  const sql = 'UPDATE aliases SET metadata = ?, updated_at = ? WHERE collection = ? AND name = ?';
  return db.run(sql, JSON.stringify(metadata), at, collection, name).changes > 0;
}

/** `undefined` removes the links of the address. */
export function setLinks(
  db: Database,
  collection: number,
  name: string,
  links: readonly string[] | undefined,
): void {
  if (links === undefined) {
    db.run('DELETE FROM links WHERE collection = ? AND name = ?', collection, name);
    return;
  }
  const packed = packLinks(links);
  db.run('INSERT OR REPLACE INTO links (collection, name, urls) VALUES (?, ?, ?)', collection, name, packed);
}

/** Removes the aliases of the document at `place`, and adds these. */
export function replaceAliases(
  db: Database,
  collection: number,
  place: number,
  aliases: readonly ExportedAlias[],
): void {
  for (const { name } of db.all('SELECT name FROM aliases WHERE document = ?', place)) {
    setLinks(db, collection, String(name), undefined);
    removeAlias(db, collection, String(name));
  }
  for (const { id, title = null, links, ...alias } of aliases) {
    setLinks(db, collection, id, links);
    insertAlias(db, collection, place, { ...alias, name: id, title });
  }
}

export function deleteAddresses(db: Database, collection: number): void {
  db.run('DELETE FROM aliases WHERE collection = ?', collection);
  db.run('DELETE FROM links WHERE collection = ?', collection);
}

function insertAlias(db: Database, collection: number, place: number, alias: Named): void {
  db.run(
    `INSERT INTO aliases (collection, name, document, url, title, content_hash, metadata, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    collection,
    alias.name,
    place,
    alias.url,
    alias.title,
    alias.contentHash,
    JSON.stringify(alias.metadata),
    alias.updatedAt,
  );
}

/** The title stays, by whose words the chunks are found. */
function rename(db: Database, collection: number, place: number, to: Named): void {
  const sql =
    'UPDATE documents SET name = ?, url = ?, content_hash = ?, metadata = ?, updated_at = ? WHERE id = ?';
  db.run(sql, to.name, to.url, to.contentHash, JSON.stringify(to.metadata), to.updatedAt, place);
  replaceMetadataRows(db, collection, place, to.metadata);
}
