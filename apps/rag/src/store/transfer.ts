import type { Metadata } from '@xnai/contracts';
import type { Reading } from '../blocks/reading.ts';
import type { DocumentKey } from './document-key.ts';
import type { DocumentMeta, Store } from './store.ts';
import type { StoreCallOptions } from './store-call.ts';
import type { TextVector, VectorStore } from './vectors.ts';

/** What is read from a store whose content goes to another one. */
export interface TransferSource
  extends Pick<
      Store,
      | 'listCollections'
      | 'getCollection'
      | 'listDocuments'
      | 'listAddresses'
      | 'getSummary'
      | 'getAddress'
      | 'stats'
    >,
    AsyncDisposable {
  readonly vectors: Pick<VectorStore, 'stats'>;
  /** A document with all that is kept of it; undefined when there is none, or when the id is that of an alias. */
  exportDocument(key: DocumentKey, options?: StoreCallOptions): Promise<ExportedDocument | undefined>;
  /** The vectors of a set (its id) by the texts of a document; nothing for a text without one. */
  documentVectors(set: string, key: DocumentKey, options?: StoreCallOptions): Promise<readonly TextVector[]>;
}

export interface TransferTarget extends TransferSource, Pick<Store, 'deleteDocument' | 'deleteCollection'> {
  readonly vectors: Pick<VectorStore, 'stats' | 'begin' | 'put'>;
  /** Puts a document as another store has it, its times and its addresses too, in the place of all that has one of these. */
  importDocument(document: ExportedDocument, options?: StoreCallOptions): Promise<void>;
}

/** A document with all that is kept of it but its vectors, and the terms by which it is found: these are cut anew. */
export interface ExportedDocument extends DocumentMeta, Reading {
  /** ISO 8601. */
  readonly updatedAt: string;
  /** The `BLOCKS_VERSION` under which it was read. */
  readonly blocksVersion: number;
  readonly links: readonly string[] | undefined;
  readonly aliases: readonly ExportedAlias[];
}

/** Another address of the document. */
export interface ExportedAlias {
  readonly id: string;
  readonly url: string;
  readonly title: string | undefined;
  readonly contentHash: string;
  readonly metadata: Metadata;
  /** ISO 8601. */
  readonly updatedAt: string;
  readonly links: readonly string[] | undefined;
}
