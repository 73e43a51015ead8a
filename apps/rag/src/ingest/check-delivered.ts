import { createHash } from 'node:crypto';
import {
  BLOCKS_VERSION,
  DeliveredDocument,
  MAX_DOCUMENT_BYTES,
  type Metadata,
  type TextDocument,
} from '@xnai/contracts';
import { checkDocument } from '@xnai/text/check-document';
import { IngestError } from './ingest-error.ts';

export interface Delivered {
  readonly document: TextDocument;
  readonly title: string | undefined;
  readonly contentType: string;
  readonly contentHash: string;
  readonly url: string | undefined;
  readonly metadata: Metadata | undefined;
  readonly links: readonly string[] | undefined;
}

/**
 * The document in a body of `TEXT_DOCUMENT_TYPE`, whose offsets are true. Its hash leaves out the metadata and the links,
 * which may differ while the document is the same.
 *
 * @throws {IngestError} NOT_UTF8, BODY_EMPTY, BODY_NOT_JSON or VALIDATION when the body has another form
 * @throws {IngestError} DOCUMENT_NOT_READABLE when a block lies about the text; the message says which
 */
export function checkDelivered(body: Uint8Array): Delivered {
  const parsed = DeliveredDocument.safeParse(jsonIn(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const detail = `${issue?.path.join('.') || 'the body'}: ${issue?.message}`;
    throw new IngestError('VALIDATION', { detail });
  }
  const { document, title = document.title, url, metadata, links, content_type: contentType } = parsed.data;
  const fault = checkDocument(document);
  if (fault !== undefined) throw new IngestError('DOCUMENT_NOT_READABLE', { detail: fault });
  if (Buffer.byteLength(document.text) > MAX_DOCUMENT_BYTES) {
    throw new IngestError('BODY_TOO_LARGE', { detail: 'The text of a document has at most 10 MiB' });
  }
  const identity = [BLOCKS_VERSION, contentType, title ?? null, url ?? null, document];
  const contentHash = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
  return { document, title, url, metadata, links, contentType, contentHash };
}

function jsonIn(body: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new IngestError('NOT_UTF8');
  }
  if (text.trim() === '') throw new IngestError('BODY_EMPTY');
  try {
    return JSON.parse(text);
  } catch {
    throw new IngestError('BODY_NOT_JSON');
  }
}
