import { MAX_DOCUMENT_BYTES } from '@xnai/contracts';
import { ServiceError } from '@xnai/service';

/** A document as JSON is longer by its escapes; at worst each line is so short that half of it are. */
export const JSON_BODY_BYTES = 2 * MAX_DOCUMENT_BYTES + 64 * 1024;

/** A document with its blocks: a table of short rows grows to five times of its HTML. */
export const DELIVERED_BYTES = 6 * MAX_DOCUMENT_BYTES;

/** @throws {ServiceError} BODY_EMPTY or BODY_TOO_LARGE */
export function requireContent(content: string | Uint8Array, mostBytes = MAX_DOCUMENT_BYTES): void {
  if (isBlank(content)) throw new ServiceError('BODY_EMPTY', { detail: 'The document is empty' });
  // No string is shorter in UTF-8 than in UTF-16 units, so most need no counting.
  if (content.length <= mostBytes / 3) return;
  const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
  if (bytes > mostBytes)
    throw new ServiceError('BODY_TOO_LARGE', {
      detail: `A document has at most ${mostBytes / 1024 ** 2} MiB`,
    });
}

const BLANKS = new Set([0x09, 0x0a, 0x0d, 0x20]);

function isBlank(content: string | Uint8Array): boolean {
  return typeof content === 'string' ? content.trim() === '' : content.every((byte) => BLANKS.has(byte));
}
