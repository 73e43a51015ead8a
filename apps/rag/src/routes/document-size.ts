import { ServiceError } from '@xnai/service';

/** A document, in UTF-8. */
export const DOCUMENT_BYTES = 10 * 1024 ** 2;

/** A document as JSON is longer by its escapes; at worst each line is so short that half of it are. */
export const JSON_BODY_BYTES = 2 * DOCUMENT_BYTES + 64 * 1024;

/** Throws BODY_EMPTY or BODY_TOO_LARGE. */
export function requireContent(content: string): void {
  if (content.trim() === '') throw new ServiceError('BODY_EMPTY', { detail: 'The document is empty' });
  // No string is shorter in UTF-8 than in UTF-16 units, so most need no counting.
  if (content.length <= DOCUMENT_BYTES / 3) return;
  if (Buffer.byteLength(content) > DOCUMENT_BYTES) {
    throw new ServiceError('BODY_TOO_LARGE', { detail: 'A document has at most 10 MiB' });
  }
}
