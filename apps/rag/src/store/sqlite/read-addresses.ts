import type { Address, AddressPage, AddressWithLinks } from '../address.ts';
import type { DocumentKey } from '../document-key.ts';
import { toAddress } from '../named.ts';
import { unpackLinks } from '../stored-document.ts';
import { BEST_FIRST } from './addresses.ts';
import type { Database } from './database.ts';

const COLUMNS = 'name, url, content_hash, metadata, updated_at';
const IS_WEB = `EXISTS (SELECT 1 FROM metadata m WHERE m.document = d.id AND m.key = 'trust' AND m.value = '"web"')`;

/**
 * Both halves are read in the order of an index, so that a page of addresses costs the same however many there are; with
 * a prefix, addresses that begin otherwise are passed over one by one.
 */
const SELECT_ADDRESSES = `
  SELECT ${COLUMNS}, name AS holder FROM documents d
    WHERE collection = ?1 AND name > ?2 AND url >= ?3 AND url < ?4 AND ${IS_WEB}
  UNION ALL
  SELECT ${COLUMNS}, (SELECT d.name FROM documents d WHERE d.id = a.document) AS holder FROM aliases a
    WHERE collection = ?1 AND name > ?2 AND url >= ?3 AND url < ?4
  ORDER BY name LIMIT ?5`;

const SELECT_ADDRESS = `
  SELECT ${COLUMNS}, name AS holder FROM documents d WHERE collection = ?1 AND name = ?2 AND url <> '' AND ${IS_WEB}
  UNION ALL
  SELECT ${COLUMNS}, (SELECT d.name FROM documents d WHERE d.id = a.document) AS holder FROM aliases a
    WHERE collection = ?1 AND name = ?2`;

/** Behind every URL, none of which is anything but ASCII. */
const LAST = '\u{10ffff}';

export function listAddresses(
  db: Database,
  collection: number,
  key: string,
  { prefix = '', after = '', limit }: AddressPage,
): Address[] {
  const rows = db.all(SELECT_ADDRESSES, collection, after, prefix, prefix + LAST, limit);
  return rows.map((row) => toAddress(row, key));
}

export function getAddress(db: Database, { collection, id }: DocumentKey): AddressWithLinks | undefined {
  const found = db.get('SELECT id FROM collections WHERE name = ?', collection);
  if (found === undefined) return undefined;
  const place = Number(found['id']);
  const row = db.get(SELECT_ADDRESS, place, id);
  if (row === undefined) return undefined;
  return { ...toAddress(row, collection), links: linksOf(db, place, id) };
}

/** Undefined for an address that was put without its links. */
export function linksOf(db: Database, collection: number, name: string): string[] | undefined {
  return unpackLinks(
    db.get('SELECT urls FROM links WHERE collection = ? AND name = ?', collection, name)?.['urls'],
  );
}

/** More are counted only. */
const MAX_LISTED = 100;

/** The best aliases of a document, and the number of all of them. */
export function aliasesOf(db: Database, document: number) {
  const sql = `SELECT url FROM aliases WHERE document = ? ORDER BY ${BEST_FIRST} LIMIT ?`;
  const count = db.get('SELECT count(*) AS n FROM aliases WHERE document = ?', document);
  return {
    aliases: db.all(sql, document, MAX_LISTED).map(({ url }) => String(url)),
    aliasCount: Number(count?.['n']),
  };
}
