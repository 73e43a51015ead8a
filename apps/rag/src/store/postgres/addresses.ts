import type { Metadata } from '@xnai/contracts';
import { isBetterAddress } from '../address.ts';
import { type Named, namedBy, toNamed } from '../named.ts';
import type { NewDocument } from '../store.ts';
import { packLinks } from '../stored-document.ts';
import type { ExportedAlias } from '../transfer.ts';
import type { Db } from './db.ts';
import { replaceMetadataRows } from './metadata-rows.ts';

/** The best addresses of a document first, as `isBetterAddress` has it where nothing else tells. */
export const BEST_FIRST = "position('?' IN url) > 0, length(url), url";

/** Which document an address is of. */
export interface Held {
  readonly document: number;
  readonly textHash: string | undefined;
  /** It is one of the document's other addresses. */
  readonly isAlias: boolean;
}

/**
 * The document of an address, which others cannot change until the transaction ends. They may have given it to another
 * document while this one waited for them.
 */
export async function holdAddress(db: Db, collection: number, name: string): Promise<Held | undefined> {
  const find = () => db.get(SELECT_HELD, collection, name);
  for (let row = await find(); row !== undefined; ) {
    await db.get('SELECT 1 FROM documents WHERE id = $1 FOR UPDATE', row['id']);
    const again = await find();
    if (again?.['id'] === row['id']) {
      return {
        document: Number(again?.['id']),
        textHash: again?.['text_hash'] === null ? undefined : String(again?.['text_hash']),
        isAlias: again?.['name'] !== name,
      };
    }
    row = again;
  }
  return undefined;
}

const SELECT_HELD = `SELECT id, name, text_hash FROM documents WHERE collection = $1 AND name = $2
  UNION ALL SELECT d.id, d.name, d.text_hash FROM aliases a JOIN documents d ON d.id = a.document
    WHERE a.collection = $1 AND a.name = $2`;

export interface SameText {
  readonly document: number;
  readonly main: Named;
}

/** The document of another id that has this text; others cannot change it until the transaction ends. */
export async function findSameText(
  db: Db,
  collection: number,
  { id, textHash }: { readonly id: string; readonly textHash: string },
): Promise<SameText | undefined> {
  const sql =
    'SELECT * FROM documents WHERE collection = $1 AND text_hash = $2 AND name <> $3 ORDER BY id LIMIT 1 FOR UPDATE';
  const row = await db.get(sql, collection, textHash, id);
  return row && { document: Number(row['id']), main: toNamed(row) };
}

/**
 * Makes an address without a document or alias of its own one more address of the document, or its main one where it is
 * the better. Returns the name of the document after that.
 */
export async function addAddress(
  db: Db,
  collection: number,
  { document: place, main }: SameText,
  { document, at }: { readonly document: NewDocument; readonly at: string },
): Promise<string> {
  const added = namedBy(document, at);
  if (!isBetterAddress(added, main)) {
    await insertAlias(db, collection, place, added);
    return main.name;
  }
  await rename(db, collection, place, added);
  await insertAlias(db, collection, place, main);
  return added.name;
}

/** Gives a document that is held the best of its aliases as its main address; false when it has none. */
export async function promoteAlias(db: Db, collection: number, document: number): Promise<boolean> {
  const row = await db.get(
    `SELECT * FROM aliases WHERE document = $1 ORDER BY ${BEST_FIRST} LIMIT 1`,
    document,
  );
  if (row === undefined) return false;
  const alias = toNamed(row);
  await removeAlias(db, collection, alias.name);
  await rename(db, collection, document, alias);
  return true;
}

/** False when there was no such alias. */
export async function removeAlias(db: Db, collection: number, name: string): Promise<boolean> {
  return (await db.run('DELETE FROM aliases WHERE collection = $1 AND name = $2', collection, name)) > 0;
}

export async function replaceAliasMetadata(
  db: Db,
  collection: number,
  name: string,
  { metadata, at }: { readonly metadata: Metadata; readonly at: string },
): Promise<void> {
  const sql = 'UPDATE aliases SET metadata = $3, updated_at = $4 WHERE collection = $1 AND name = $2';
  await db.run(sql, collection, name, JSON.stringify(metadata), at);
}

const DELETE_ALIASES = `WITH gone AS (DELETE FROM aliases WHERE document = $1 RETURNING collection, name)
  DELETE FROM links l USING gone WHERE l.collection = gone.collection AND l.name = gone.name`;

/** Removes the aliases of a document with their links, and adds these. */
export async function replaceAliases(
  db: Db,
  collection: number,
  document: number,
  aliases: readonly ExportedAlias[],
): Promise<void> {
  await db.run(DELETE_ALIASES, document);
  for (const { id: name, title = null, links, ...alias } of aliases) {
    await insertAlias(db, collection, document, { name, title, ...alias });
    await setLinks(db, collection, name, links);
  }
}

/** `undefined` removes the links of the address. */
export async function setLinks(
  db: Db,
  collection: number,
  name: string,
  links: readonly string[] | undefined,
): Promise<void> {
  if (links === undefined) {
    await db.run('DELETE FROM links WHERE collection = $1 AND name = $2', collection, name);
    return;
  }
  const sql = `INSERT INTO links (collection, name, urls) VALUES ($1, $2, $3)
    ON CONFLICT (collection, name) DO UPDATE SET urls = excluded.urls`;
  await db.run(sql, collection, name, Buffer.from(packLinks(links)));
}

async function insertAlias(db: Db, collection: number, document: number, alias: Named): Promise<void> {
  await db.run(
    `INSERT INTO aliases (collection, name, document, url, title, content_hash, metadata, updated_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    collection,
    alias.name,
    document,
    alias.url,
    alias.title,
    alias.contentHash,
    JSON.stringify(alias.metadata),
    alias.updatedAt,
  );
}

/** The title stays, by whose words the chunks are found. */
async function rename(db: Db, collection: number, document: number, to: Named): Promise<void> {
  const sql =
    'UPDATE documents SET name = $1, url = $2, content_hash = $3, metadata = $4, updated_at = $5 WHERE id = $6';
  await db.run(sql, to.name, to.url, to.contentHash, JSON.stringify(to.metadata), to.updatedAt, document);
  await replaceMetadataRows(db, collection, document, to.metadata);
}
