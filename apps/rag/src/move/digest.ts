import { createHash } from 'node:crypto';
import type { ExportedDocument } from '../store/transfer.ts';

/** SHA-256, in hex, of all that is kept of a document; undefined without one. No order of members or aliases counts. */
export function digestOf(document: ExportedDocument | undefined): string | undefined {
  if (document === undefined) return undefined;
  const aliases = document.aliases.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify({ ...document, aliases }, inOrder))
    .digest('hex');
}

function inOrder(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
