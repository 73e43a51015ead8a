import type { Filter, Metadata } from '@xnai/contracts';
import type { KeptChunk, Reading } from '../blocks/reading.ts';
import type { Address, AddressPage, AddressWithLinks } from './address.ts';
import type { DocumentKey } from './document-key.ts';
import type { DenseShare } from './fuse.ts';
import type { ChunkRef, StoreCallOptions } from './store-call.ts';
import type { QueryVector, VectorStore } from './vectors.ts';

/**
 * Where documents, their chunks and the index over them are kept. Every implementation passes
 * `describeStore` in `store.contract.ts`.
 *
 * A write is acknowledged (its promise resolves) only when a killed process would still have it, and is either
 * wholly there or not at all. All methods throw `StoreError`; each takes a `signal`, and a call aborted before
 * its work began does no work.
 */
export interface Store extends AsyncDisposable {
  readonly vectors: VectorStore;

  /**
   * Replaces the document of this id with all its chunks, or adds it; creates the collection on first use. A page of
   * the web (`metadata.trust: "web"`) whose text another one in the collection has becomes an alias of that document.
   */
  upsertDocument(document: NewDocument, options?: StoreCallOptions): Promise<Upserted>;
  /**
   * Replaces the document by another reading of the same content, and leaves `updatedAt` as it was. False when the
   * document is gone or has other content by now.
   */
  replaceReading(document: NewDocument, options?: StoreCallOptions): Promise<boolean>;
  /**
   * Indexes one more document anew, out of its stored text, whose terms were cut by an older version, or are to be found
   * in another way; its collection is searched as before until all its documents are. False when nothing is left to do.
   */
  reindexNext(options?: StoreCallOptions): Promise<boolean>;
  /** Replaces the metadata and links alone; false when there is no such document or alias. */
  updateMetadata(key: DocumentKey, renewal: Renewal, options?: StoreCallOptions): Promise<boolean>;
  /** Deletes a document or alias; an alias takes the place of a document that has some. False when there was neither. */
  deleteDocument(key: DocumentKey, options?: StoreCallOptions): Promise<boolean>;
  /** False when there was no such collection. */
  deleteCollection(collection: string, options?: StoreCallOptions): Promise<boolean>;

  getCollection(collection: string, options?: StoreCallOptions): Promise<CollectionStats | undefined>;
  listCollections(page: ListPage, options?: StoreCallOptions): Promise<readonly CollectionStats[]>;
  getDocument(key: DocumentKey, options?: StoreCallOptions): Promise<StoredDocument | undefined>;
  /** The document without its text and chunks. */
  getSummary(key: DocumentKey, options?: StoreCallOptions): Promise<DocumentRecord | undefined>;
  /** By id, ascending; throws COLLECTION_NOT_FOUND. */
  listDocuments(
    collection: string,
    page: ListPage,
    options?: StoreCallOptions,
  ): Promise<readonly DocumentRecord[]>;
  /** Addresses of pages of the web, aliases too, by id, ascending; throws COLLECTION_NOT_FOUND. */
  listAddresses(
    collection: string,
    page: AddressPage,
    options?: StoreCallOptions,
  ): Promise<readonly Address[]>;
  /** Undefined for a document that is no page of the web. */
  getAddress(key: DocumentKey, options?: StoreCallOptions): Promise<AddressWithLinks | undefined>;
  /** Documents that were read under an older `BLOCKS_VERSION`, by place, ascending; `after`: place of the last one. */
  listOutdated(
    page: { readonly after: number; readonly limit: number },
    options?: StoreCallOptions,
  ): Promise<readonly OutdatedDocument[]>;
  /** The chunks asked for that exist, in the order asked. Neighbours are `ordinal - 1` and `ordinal + 1`. */
  getChunks(
    collection: string,
    refs: readonly ChunkRef[],
    options?: StoreCallOptions,
  ): Promise<readonly StoredChunk[]>;

  /** Both legs of a hybrid search, each best first; throws COLLECTION_NOT_FOUND. */
  search(query: StoreQuery, options?: StoreCallOptions): Promise<StoreHits>;

  /** How many chunks of the collection hold each term, as `analyse` cuts it; throws COLLECTION_NOT_FOUND. */
  termStatistics(
    collection: string,
    terms: readonly string[],
    options?: StoreCallOptions,
  ): Promise<TermStatistics>;

  stats(options?: StoreCallOptions): Promise<StoreStats>;
  close(): Promise<void>;
}

/** `after`: the last name or id of the previous page. */
export interface ListPage {
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface DocumentMeta extends DocumentKey {
  readonly title: string | undefined;
  readonly url: string | undefined;
  /** Media type of the content that was read. */
  readonly contentType: string;
  readonly contentHash: string;
  readonly metadata: Metadata;
}

export interface NewDocument extends DocumentMeta, Reading {
  /** Where a page of the web leads: absolute URLs. */
  readonly links?: readonly string[] | undefined;
}

export interface Upserted {
  readonly created: boolean;
  /** Id of the document that keeps the text, when it had the same text before: nothing was added. */
  readonly keptAs?: string;
}

export interface Renewal extends Pick<NewDocument, 'links'> {
  readonly metadata: Metadata;
}

export interface OutdatedDocument extends DocumentKey {
  readonly place: number;
}

export interface DocumentRecord extends DocumentMeta {
  /** UTF-8 bytes of the stored text. */
  readonly bytes: number;
  readonly chunkCount: number;
  /** ISO 8601. */
  readonly updatedAt: string;
}

export interface StoredDocument extends DocumentRecord, Reading {
  /** Whether it was read under an older `BLOCKS_VERSION`. */
  readonly isOutdated: boolean;
  /** The first URLs of pages that have this text too. */
  readonly aliases: readonly string[];
  readonly aliasCount: number;
}

/** A chunk with the properties of its document. */
export interface StoredChunk extends KeptChunk, Pick<Reading, 'inline' | 'pages'> {
  readonly documentId: string;
  readonly title: string | undefined;
  readonly url: string | undefined;
  readonly metadata: Metadata;
}

export interface StoreQuery {
  readonly collection: string;
  /** Searched lexically, word by word: nothing in it is an operator. */
  readonly text?: string | undefined;
  /** Searched by similarity. */
  readonly vector?: QueryVector | undefined;
  readonly filter?: Filter | undefined;
  /** Hits per leg. */
  readonly k: number;
  /** Of this many best hits of a leg, at most two with the same text are given. Default: all are given. */
  readonly joinAmong?: number | undefined;
  /** Fuses both legs by this, and gives the best `k` of both as `fused` in the place of the legs. */
  readonly share?: DenseShare | undefined;
}

/** A term of the question that no chunk holds, and what was searched in its place. */
export interface NearTerm {
  readonly term: string;
  /** Best first. */
  readonly near: readonly string[];
}

export interface StoreHits {
  readonly lexical: readonly StoreHit[];
  /** Undefined where no vector was given, or one of a set that there is not. */
  readonly dense: readonly StoreHit[] | undefined;
  readonly near: readonly NearTerm[];
  /** Undefined where there is no `share`, or no dense leg. */
  readonly fused?: readonly StoreHit[] | undefined;
  /** How long each leg was searched. */
  readonly tookMs: { readonly lexical: number; readonly dense: number };
}

export interface StoreHit {
  readonly chunk: StoredChunk;
  /** Higher is better; scales differ between legs and stores. */
  readonly score: number;
  /** How many hits with the same text were left out. */
  readonly copies?: number;
}

export interface TermStatistics {
  /** All chunks of the collection. */
  readonly chunks: number;
  /** Chunks that hold the term in text, heading path or title; in the order asked. */
  readonly frequencies: readonly number[];
}

export interface CollectionStats {
  readonly name: string;
  readonly documents: number;
  readonly chunks: number;
  /** UTF-8 bytes of the stored texts. */
  readonly bytes: number;
  /** ISO 8601. */
  readonly updatedAt: string;
  /** Another one after every write that a search or an answer can tell; never one that was there before. */
  readonly generation: string;
}

export interface StoreStats {
  readonly collections: number;
  readonly documents: number;
  readonly chunks: number;
  /** How many documents were read under an older `BLOCKS_VERSION`. */
  readonly outdated: number;
  /** How many documents are still found by their terms of an older version only, or in a way that is to be replaced. */
  readonly unindexed: number;
  /** What the index takes on the disk that it is on. */
  readonly fileBytes: number;
  readonly engine: StoreEngine;
}

/** What keeps the index, as an operator knows it. */
export interface StoreEngine {
  readonly name: 'sqlite' | 'postgresql';
  readonly version: string;
  /** Versions of what was added to it, by name. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** What the terms are found by. */
  readonly search: string;
}
