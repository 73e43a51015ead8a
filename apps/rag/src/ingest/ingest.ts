import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  BLOCKS_VERSION,
  type IngestResult,
  type Metadata,
  TEXT_DOCUMENT_TYPE,
  type TextDocument,
} from '@xnai/contracts';
import { inSpan } from '@xnai/service/trace';
import { signatureOf } from '@xnai/text/sniff';
import type { DocumentKey } from '../store/document-key.ts';
import type { DocumentMeta, NewDocument, Store } from '../store/store.ts';
import type { StoreCallOptions } from '../store/store-call.ts';
import { checkHasText } from './check-has-text.ts';
import { IngestError } from './ingest-error.ts';
import type { ParsedDocument, Parser } from './parser.ts';
import { type FileNames, isText } from './read-text.ts';

/** Puts a document into its collection: read, chunked and stored as one. */
export type Ingest = (document: IncomingDocument, options?: StoreCallOptions) => Promise<Ingested>;

export interface IncomingDocument extends DocumentKey {
  /** Text, or the bytes of a file; for `TEXT_DOCUMENT_TYPE` the JSON that was delivered, which names the rest itself. */
  readonly content: string | Uint8Array;
  readonly contentType: string;
  /** The `Content-Type` that bytes came with, with its parameters. Default: `contentType`. */
  readonly sentAs?: string | undefined;
  /** Also the title of a document that has none. */
  readonly fileName?: string | undefined;
  readonly title?: string | undefined;
  readonly url?: string | undefined;
  readonly metadata?: Metadata | undefined;
  /** Refuses whatever is no page of the web, and to replace what is none. */
  readonly isWebOnly?: boolean | undefined;
}

export interface Ingested extends IngestResult {
  readonly created: boolean;
}

/** Reads a file that is no text, away from this process. */
export type ReadFile = (
  bytes: Uint8Array,
  names: FileNames,
  options: StoreCallOptions,
) => Promise<TextDocument>;

export interface IngestDeps {
  readonly store: Store;
  readonly parser: Parser;
  readonly readFile: ReadFile;
}

/**
 * Idempotent by content hash: the same content, type, title and url again is `unchanged` and not parsed; metadata
 * that differs is still replaced. Two writes of one document come one after the other.
 *
 * @throws {IngestError} DOCUMENT_NOT_WEB for `isWebOnly`
 */
export function createIngest(deps: IngestDeps): Ingest {
  const inTurn = createTurnsByKey();
  return (document, options = {}) =>
    inTurn(`${document.collection}/${document.id}`, async () => {
      options.signal?.throwIfAborted();
      return document.contentType === TEXT_DOCUMENT_TYPE
        ? takeDelivered(deps, document, options)
        : takeRead(deps, document, options);
    });
}

async function takeRead(
  deps: IngestDeps,
  document: IncomingDocument,
  options: StoreCallOptions,
): Promise<Ingested> {
  const { collection, id, contentType, url, metadata = {}, isWebOnly } = document;
  const meta = { collection, id, contentType, url, metadata, contentHash: hashContent(document) };
  const unchanged = await keepUnchanged(deps.store, { ...meta, isWebOnly }, options);
  if (unchanged !== undefined) return unchanged;
  const { title, ...reading } = await inSpan(
    'read',
    { attributes: { 'xnai.content_type': contentType } },
    () => readContent(deps, document, options),
  );
  return keep(
    deps.store,
    { ...meta, title: document.title ?? title ?? document.fileName, ...reading },
    options,
  );
}

/** What is delivered was parsed by its sender, so that reading it costs little, also when it is unchanged. */
async function takeDelivered(
  { store, parser }: IngestDeps,
  { collection, id, content, isWebOnly }: IncomingDocument,
  options: StoreCallOptions,
): Promise<Ingested> {
  const { metadata = {}, ...read } = await inSpan('check', {}, () =>
    parser.deliver(Buffer.from(content), options),
  );
  const document = { collection, id, ...read, metadata };
  const unchanged = await keepUnchanged(store, { ...document, isWebOnly }, options);
  return unchanged ?? (await keep(store, document, options));
}

/** SHA-256, hex, of everything that decides what is stored and indexed. */
function hashContent({ content, contentType, sentAs, title, url }: IncomingDocument): string {
  return createHash('sha256')
    .update(JSON.stringify([BLOCKS_VERSION, contentType, sentAs ?? null, title ?? null, url ?? null]))
    .update('\0')
    .update(content)
    .digest('hex');
}

async function readContent(
  { parser, readFile }: IngestDeps,
  { content, contentType, sentAs = contentType, fileName, url }: IncomingDocument,
  options: StoreCallOptions,
): Promise<ParsedDocument> {
  const names = {
    mediaType: sentAs,
    ...(fileName !== undefined && { fileName }),
    ...(url !== undefined && { url }),
  };
  // Files are read as such whatever they are called.
  const isFile = typeof content !== 'string' && signatureOf(content) !== undefined;
  if (isText(contentType) && !isFile) return parser.parse({ content, names }, options);
  return parser.cut(await readFile(Buffer.from(content), names, options), options);
}

type Incoming = Omit<DocumentMeta, 'title'> &
  Pick<NewDocument, 'links'> &
  Pick<IncomingDocument, 'isWebOnly'>;

async function keepUnchanged(
  store: Store,
  document: Incoming,
  options: StoreCallOptions,
): Promise<Ingested | undefined> {
  const { collection, id, contentHash, metadata, links } = document;
  const known = await store.getSummary({ collection, id }, options);
  if (document.isWebOnly) requireWeb(document, known);
  if (known === undefined && isWebPage(document)) return keepAlias(store, document, options);
  if (known?.contentHash !== contentHash) return undefined;
  if (links !== undefined || !isDeepStrictEqual({ ...known.metadata }, { ...metadata })) {
    const isThere = await store.updateMetadata({ collection, id }, { metadata, links }, options);
    if (!isThere) return undefined;
  }
  const { chunkCount: chunks } = known;
  return { id, collection, status: 'unchanged', created: false, chunks, content_hash: contentHash };
}

/** An alias whose page has not changed stays one. */
async function keepAlias(
  store: Store,
  { collection, id, contentHash, metadata, links }: Incoming,
  options: StoreCallOptions,
): Promise<Ingested | undefined> {
  const known = await store.getAddress({ collection, id }, options);
  if (known?.contentHash !== contentHash) return undefined;
  const isThere = await store.updateMetadata({ collection, id }, { metadata, links }, options);
  return isThere ? joined({ collection, id, contentHash }, known.documentId) : undefined;
}

function isWebPage({ metadata, url }: Pick<DocumentMeta, 'metadata' | 'url'>): boolean {
  return metadata['trust'] === 'web' && url !== undefined;
}

function requireWeb(document: Incoming, known: Pick<DocumentMeta, 'metadata' | 'url'> | undefined): void {
  if (!isWebPage(document) || (known !== undefined && !isWebPage(known)))
    throw new IngestError('DOCUMENT_NOT_WEB');
}

async function keep(store: Store, document: NewDocument, options: StoreCallOptions): Promise<Ingested> {
  checkHasText(document);
  const { collection, id, chunks, contentHash } = document;
  const { created, keptAs } = await store.upsertDocument(document, options);
  if (keptAs !== undefined) return joined(document, keptAs);
  return { id, collection, status: 'indexed', created, chunks: chunks.length, content_hash: contentHash };
}

function joined(
  { collection, id, contentHash }: Pick<DocumentMeta, 'collection' | 'id' | 'contentHash'>,
  keptAs: string,
): Ingested {
  return {
    id,
    collection,
    status: 'joined',
    created: false,
    kept_as: keptAs,
    chunks: 0,
    content_hash: contentHash,
  };
}

function createTurnsByKey() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(key);
    const turn = before === undefined ? work() : before.then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}
