import type { Address, AddressPage, AddressWithLinks } from '../address.ts';
import type { DocumentKey } from '../document-key.ts';
import { toAddress } from '../named.ts';
import { unpackLinks } from '../stored-document.ts';
import { BEST_FIRST } from './addresses.ts';
import { collectionId, findCollection } from './collections.ts';
import type { Db } from './db.ts';

const COLUMNS = 'name, url, title, content_hash, metadata, updated_at';
const IS_WEB = `EXISTS (SELECT 1 FROM metadata m WHERE m.document = d.id AND m.key = 'trust' AND m.value = '"web"')`;
const HOLDER = '(SELECT d.name FROM documents d WHERE d.id = a.document) AS holder';

/** Both halves are read in the order of an index, so that a page of addresses costs the same however many there are. */
const SELECT_ADDRESSES = `
  (SELECT ${COLUMNS}, name AS holder FROM documents d
    WHERE collection = $1 AND name > $2 AND url >= $3 AND url < $4 AND ${IS_WEB} ORDER BY name LIMIT $5)
  UNION ALL
  (SELECT ${COLUMNS}, ${HOLDER} FROM aliases a
    WHERE collection = $1 AND name > $2 AND url >= $3 AND url < $4 ORDER BY name LIMIT $5)
  ORDER BY name LIMIT $5`;

const SELECT_ADDRESS = `
  SELECT ${COLUMNS}, name AS holder FROM documents d
    WHERE collection = $1 AND name = $2 AND url <> '' AND ${IS_WEB}
  UNION ALL SELECT ${COLUMNS}, ${HOLDER} FROM aliases a WHERE collection = $1 AND name = $2`;

/** Behind every URL, none of which is anything but ASCII. */
const LAST = '\u{10ffff}';

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export async function listAddresses(
  db: Db,
  collection: string,
  { prefix = '', after = '', limit }: AddressPage,
): Promise<Address[]> {
  const { id } = await findCollection(db, collection);
  const rows = await db.all(SELECT_ADDRESSES, id, after, prefix, prefix + LAST, limit);
  return rows.map((row) => toAddress(row, collection));
}

export async function getAddress(
  db: Db,
  { collection, id: name }: DocumentKey,
): Promise<AddressWithLinks | undefined> {
  const id = await collectionId(db, collection);
  const row = id && (await db.get(SELECT_ADDRESS, id, name));
  if (!id || !row) return undefined;
  return { ...toAddress(row, collection), links: await linksOf(db, id, name) };
}

/** Undefined for an address that was put without its links. */
export async function linksOf(db: Db, collection: number, name: string): Promise<string[] | undefined> {
  const row = await db.get('SELECT urls FROM links WHERE collection = $1 AND name = $2', collection, name);
  return unpackLinks(row?.['urls']);
}

/** More are counted only. */
const MAX_LISTED = 100;

/** The best aliases of a document, and the number of all of them. */
export async function aliasesOf(db: Db, document: number) {
  const sql = `SELECT url FROM aliases WHERE document = $1 ORDER BY ${BEST_FIRST} LIMIT $2`;
  const count = await db.get('SELECT count(*) AS n FROM aliases WHERE document = $1', document);
  return {
    aliases: (await db.all(sql, document, MAX_LISTED)).map(({ url }) => String(url)),
    aliasCount: Number(count?.['n']),
  };
}
