import { hash } from 'node:crypto';
import { indexedText } from './indexed-text.ts';

/** The text by which a chunk is embedded: what it is found by lexically too, in the order in which a reader meets it. */
export function embeddedText(...of: Parameters<typeof indexedText>): string {
  const { title, heading, context, body } = indexedText(...of);
  return [title, heading, context, body].filter((part) => part !== '').join('\n');
}

const HASH_BYTES = 8;

/** Among a million texts, two have the same with a chance of 3 in 100 million. */
export function textHashOf(text: string): Uint8Array {
  return hash('sha256', text, 'buffer').subarray(0, HASH_BYTES);
}

export function toHex(hash: unknown): string {
  return Buffer.from(hash as Uint8Array).toString('hex');
}

export function fromHex(hash: string): Uint8Array {
  return Buffer.from(hash, 'hex');
}
