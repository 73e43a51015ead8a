import { BLOCKS_VERSION } from '@xnai/contracts/blocks-version';
import type { DocumentKey } from '../document-key.ts';
import { textHashOf } from '../named.ts';
import type { NewDocument, Renewal, Upserted } from '../store.ts';
import type { ExportedDocument } from '../transfer.ts';
import {
  addAddress,
  findSameText,
  type Held,
  holdAddress,
  promoteAlias,
  removeAlias,
  replaceAliases,
  replaceAliasMetadata,
  setLinks,
} from './addresses.ts';
import { attachVectors, detachVectors } from './chunk-vectors.ts';
import { collectionId, count, ensureCollection, NO_CHANGE, type Place, slotOf } from './collections.ts';
import { bothOf, type Db } from './db.ts';
import {
  insertChunks,
  insertTerms,
  putRow,
  type Replacement,
  removeTerms,
  termsOf,
} from './insert-document.ts';
import { addLanguage, removeLanguage } from './languages.ts';
import { lockDocuments } from './locks.ts';
import { insertMetadataRows, replaceMetadataRows } from './metadata-rows.ts';
import type { CutDocument } from './postings/cut-terms.ts';

interface Put<Document = NewDocument> {
  readonly document: Document;
  readonly cut: CutDocument;
}

export async function upsert(db: Db, { document, cut, at }: Put & { at: string }): Promise<Upserted> {
  const textHash = textHashOf(document);
  const keys = [document.id, ...(textHash === undefined ? [] : [`text ${textHash}`])];
  const [, place] = await bothOf(lock(db, document, keys), placeOf(db, document, at));
  const { collection } = place;
  const held = await holdAddress(db, collection, document.id);
  const same = textHash && (await findSameText(db, collection, { id: document.id, textHash }));
  if (same) {
    if (held !== undefined) await removeAddress(db, place, document.id, held);
    const keptAs = await addAddress(db, collection, same, { document, at });
    await setLinks(db, collection, document.id, document.links);
    count(db, place, NO_CHANGE);
    return { created: false, keptAs };
  }
  if (held?.isAlias) await removeAlias(db, collection, document.id);
  // Its other addresses still have the text that it had.
  const isGiven =
    held?.isAlias === false &&
    held.textHash !== textHash &&
    (await promoteAlias(db, collection, held.document));
  const former = held?.isAlias || isGiven ? undefined : held?.document;
  // An address that is not held has none.
  if (held !== undefined || document.links !== undefined)
    await setLinks(db, collection, document.id, document.links);
  await replaceDocument(db, place, { document, cut, textHash, at, blocksVersion: BLOCKS_VERSION }, former);
  return { created: former === undefined };
}

export async function replaceReading(db: Db, { document, cut }: Put): Promise<boolean> {
  await lock(db, document, [document.id]);
  const collection = await collectionId(db, document.collection);
  if (collection === undefined) return false;
  const held = await holdAddress(db, collection, document.id);
  if (held === undefined || held.isAlias) return false;
  const row = await db.get('SELECT content_hash, updated_at FROM documents WHERE id = $1', held.document);
  if (row?.['content_hash'] !== document.contentHash) return false;
  const at = String(row['updated_at']);
  const place = { collection, slot: slotOf(document.id), at };
  // Read again it is the same page, whatever its text is by now.
  const textHash = textHashOf(document);
  await replaceDocument(
    db,
    place,
    { document, cut, textHash, at, blocksVersion: BLOCKS_VERSION },
    held.document,
  );
  return true;
}

/** What has one of its addresses gives way: where that is part of the same transfer, it comes again by itself. */
export async function importDocument(db: Db, { document, cut }: Put<ExportedDocument>): Promise<void> {
  const { updatedAt: at, blocksVersion, aliases } = document;
  await lock(db, document, [document.id, ...aliases.map(({ id }) => id)]);
  const place = await placeOf(db, document, at);
  const { collection } = place;
  for (const { id } of aliases) {
    const other = await holdAddress(db, collection, id);
    if (other === undefined) continue;
    if (!other.isAlias) await replaceAliases(db, collection, other.document, []);
    await removeAddress(db, place, id, other);
  }
  const held = await holdAddress(db, collection, document.id);
  if (held?.isAlias) await removeAlias(db, collection, document.id);
  const former = held?.isAlias ? undefined : held?.document;
  const textHash = textHashOf(document);
  const id = await replaceDocument(db, place, { document, cut, textHash, at, blocksVersion }, former);
  await setLinks(db, collection, document.id, document.links);
  await replaceAliases(db, collection, id, aliases);
}

export async function replaceMetadata(
  db: Db,
  key: DocumentKey,
  { metadata, links, at }: Renewal & { readonly at: string },
): Promise<boolean> {
  await lock(db, key, [key.id]);
  const collection = await collectionId(db, key.collection);
  const held = collection && (await holdAddress(db, collection, key.id));
  if (!collection || !held) return false;
  if (held.isAlias) {
    await replaceAliasMetadata(db, collection, key.id, { metadata, at });
  } else {
    await replaceMetadataRows(db, collection, held.document, metadata);
    const sql = 'UPDATE documents SET metadata = $1, updated_at = $2 WHERE id = $3';
    await db.run(sql, JSON.stringify(metadata), at, held.document);
  }
  await setLinks(db, collection, key.id, links);
  db.atEnd(
    'UPDATE counts SET generation = gen_random_uuid() WHERE collection = $1 AND slot = $2',
    collection,
    slotOf(key.id),
  );
  return true;
}

export async function deleteDocument(db: Db, key: DocumentKey, at: string): Promise<boolean> {
  await lock(db, key, [key.id]);
  const collection = await collectionId(db, key.collection);
  const held = collection && (await holdAddress(db, collection, key.id));
  if (!collection || !held) return false;
  await removeAddress(db, { collection, slot: slotOf(key.id), at }, key.id, held);
  return true;
}

function lock(
  db: Db,
  { collection }: Pick<DocumentKey, 'collection'>,
  keys: readonly string[],
): Promise<void> {
  return lockDocuments(db, { collection, keys });
}

async function placeOf(db: Db, { collection, id }: DocumentKey, at: string): Promise<Place> {
  return { collection: await ensureCollection(db, collection, at), slot: slotOf(id), at };
}

/** Removes an address, and its document unless that has other addresses. */
async function removeAddress(db: Db, place: Place, name: string, held: Held): Promise<void> {
  const { collection } = place;
  await setLinks(db, collection, name, undefined);
  if (held.isAlias) await removeAlias(db, collection, name);
  else if (!(await promoteAlias(db, collection, held.document)))
    return removeDocument(db, place, held.document);
  count(db, place, NO_CHANGE);
}

async function removeDocument(db: Db, place: Place, id: number): Promise<void> {
  const former = await takeApart(db, place, id);
  await removeChunks(db, place.collection, { document: id });
  await db.run('DELETE FROM metadata WHERE document = $1', id);
  await db.run('DELETE FROM documents WHERE id = $1', id);
  const { chunks, bytes, terms } = former;
  count(db, place, { documents: -1, chunks: -chunks, bytes: -bytes, terms: -terms });
}

/** A document that is replaced stays where it is, so that its aliases still lead to it. Its new chunks take over vectors of the old ones. */
async function replaceDocument(
  db: Db,
  place: Place,
  replacement: Replacement,
  former: number | undefined,
): Promise<number> {
  const { document, cut } = replacement;
  const before = former === undefined ? NOTHING : await takeApart(db, place, former);
  const id = await putRow(db, place, replacement, former);
  const chunks = await insertChunks(db, id, { document, cut });
  await bothOf(
    insertTerms(db, place.collection, { document: id, ids: chunks, chunks: cut.chunks }),
    attachVectors(db, place.collection, chunks),
  );
  if (former !== undefined) await removeChunks(db, place.collection, { document: id, until: chunks[0] });
  if (former === undefined) await insertMetadataRows(db, place.collection, id, document.metadata);
  else await replaceMetadataRows(db, place.collection, id, document.metadata);
  addLanguage(db, place, cut.language);
  count(db, place, {
    documents: former === undefined ? 1 : 0,
    chunks: chunks.length - before.chunks,
    bytes: Buffer.byteLength(document.text) - before.bytes,
    terms: termsOf(cut) - before.terms,
  });
  return id;
}

const NOTHING = { chunks: 0, bytes: 0, terms: 0 };

/** Of a document that is about to be replaced or deleted: what it counted for. */
async function takeApart(db: Db, place: Place, id: number): Promise<typeof NOTHING> {
  const row = await db.get('SELECT chunks, bytes, terms, language FROM documents WHERE id = $1', id);
  removeLanguage(db, place, String(row?.['language']));
  return { chunks: Number(row?.['chunks']), bytes: Number(row?.['bytes']), terms: Number(row?.['terms']) };
}

/** Those before `until`; all of them without it. */
async function removeChunks(
  db: Db,
  collection: number,
  { document, until }: { readonly document: number; readonly until?: number | undefined },
): Promise<void> {
  const sql = 'SELECT id FROM chunks WHERE document = $1 AND ($2::bigint IS NULL OR id < $2)';
  const ids = (await db.all(sql, document, until ?? null)).map(({ id }) => Number(id));
  await detachVectors(db, ids);
  await removeTerms(db, collection, ids);
  await db.run('DELETE FROM chunks WHERE id = ANY($1::bigint[])', ids);
}
