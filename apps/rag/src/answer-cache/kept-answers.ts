import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { QueryResponse } from '@xnai/contracts';
import { type Breaker, connectRedis, fastFailing, type Outcome, type Verdict } from '@xnai/resilience';
import { z } from 'zod';

const KeptAnswer = z.object({ key: z.string(), madeAtMs: z.number(), answer: QueryResponse });
export type KeptAnswer = z.infer<typeof KeptAnswer>;

/** Answers by the hash of all that they depend on. Nothing here throws: without Redis there are none. */
export interface KeptAnswers extends AsyncDisposable {
  read(key: string): Promise<KeptAnswer | undefined>;
  /** False when it was not kept. */
  keep(kept: KeptAnswer): Promise<boolean>;
}

export interface KeptAnswersOptions {
  readonly url: string;
  readonly breaker: Breaker;
  /** Of Redis, for all answers together. */
  readonly maxBytes: number;
  readonly ttlMs: number;
  /** Whether Redis has room to spare. */
  readonly hasRoom: () => boolean;
}

/** Packed. A typical answer takes 2 to 4 KiB. */
const MAX_ANSWER_BYTES = 32 * 1024;
const MAX_UNPACKED_BYTES = 4 * 1024 ** 2;
const PREFIX = 'xnai:cache:answer:';

/** How many answers fit, each of the largest size. */
export const placesIn = (maxBytes: number): number => Math.floor(maxBytes / MAX_ANSWER_BYTES);

/**
 * Keeps answers in Redis, in a fixed number of places: the key chooses the place, and a newer answer replaces what was
 * there. So the size is bounded without a list of what is kept, by one `SET` whatever the number of replicas. Answers are
 * encrypted by a key that this process alone has: what lies in Redis, its files and backups can be read by nobody else, and
 * by nobody once the process has ended.
 */
export function openKeptAnswers(options: KeptAnswersOptions): KeptAnswers {
  const { url, breaker, maxBytes, ttlMs, hasRoom } = options;
  const client = connectRedis(url, { ...fastFailing(), connectionName: 'answer-cache' });
  client.connect().catch(() => {});
  const places = placesIn(maxBytes);
  const secret = randomBytes(32);
  const placeOf = (key: string) => `${PREFIX}${Number.parseInt(key.slice(0, 8), 16) % places}`;
  return {
    async read(key) {
      const packed = await breaker.execute(() => client.getBuffer(placeOf(key)), { fallback: () => null });
      const kept = packed === null ? undefined : unpack(packed, secret);
      return kept?.key === key ? kept : undefined;
    },
    async keep(kept) {
      const packed = pack(kept, secret);
      if (packed.length > MAX_ANSWER_BYTES || !hasRoom()) return false;
      const write = async () => (await client.set(placeOf(kept.key), packed, 'PX', ttlMs)) === 'OK';
      return breaker.execute(write, { fallback: () => false });
    },
    [Symbol.asyncDispose]: async () => client.disconnect(),
  };
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

function pack(kept: KeptAnswer, secret: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, secret, iv);
  const sealed = [cipher.update(deflateRawSync(JSON.stringify(kept))), cipher.final()];
  return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]);
}

function unpack(packed: Buffer, secret: Buffer): KeptAnswer | undefined {
  try {
    const cipher = createDecipheriv(CIPHER, secret, packed.subarray(0, IV_BYTES));
    cipher.setAuthTag(packed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const opened = Buffer.concat([cipher.update(packed.subarray(IV_BYTES + TAG_BYTES)), cipher.final()]);
    const json = inflateRawSync(opened, { maxOutputLength: MAX_UNPACKED_BYTES }).toString();
    return KeptAnswer.safeParse(JSON.parse(json)).data;
  } catch {
    // Another process has kept it.
    return undefined;
  }
}

/** A full Redis takes nothing more, and is read as before. */
export function classifyKept(outcome: Outcome): Verdict | undefined {
  const error = 'error' in outcome ? outcome.error : undefined;
  return error instanceof Error && error.message.startsWith('OOM') ? 'ignored' : undefined;
}
