import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { fingerprintOf } from '@xnai/secrets';
import type { Act } from '@xnai/service';
import type { AuditLine, Head } from './line.ts';

const CHECKPOINT = 'audit.checkpoint';

/** What a checkpoint says: the last line of every chain, its own up to itself. */
export interface Checkpoint {
  readonly heads: Readonly<Record<string, Head>>;
  /** Fingerprint of the key. */
  readonly key: string;
  /** Ed25519, base64. */
  readonly signature: string;
}

export function createCheckpoint(heads: Checkpoint['heads'], key: KeyObject): Act {
  const of: Checkpoint = {
    heads,
    key: fingerprintOf(key),
    signature: sign(null, signedBytes(heads), key).toString('base64'),
  };
  return { what: CHECKPOINT, of: { ...of } };
}

/** Undefined for other lines, and where somebody has left nothing of its form. */
export function checkpointOf({ what, of }: AuditLine): Checkpoint | undefined {
  const hasForm = what === CHECKPOINT && typeof of?.['heads'] === 'object' && of['heads'] !== null;
  return hasForm ? (of as unknown as Checkpoint) : undefined;
}

export function isSignedBy({ heads, signature }: Checkpoint, key: KeyObject): boolean {
  const half = key.type === 'public' ? key : createPublicKey(key);
  return verify(null, signedBytes(heads), half, Buffer.from(String(signature), 'base64'));
}

/** The hash of each head covers all lines before it. */
function signedBytes(heads: Checkpoint['heads']): Buffer {
  const rows = Object.entries(heads).map(([writer, { seq, hash }]) => `${writer} ${seq} ${hash}\n`);
  return Buffer.from(rows.sort().join(''));
}
