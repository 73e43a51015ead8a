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
 * there. So the size is bounded without a list of what is kept, by one `SET` whatever the number of replicas.
 */
export function openKeptAnswers(options: KeptAnswersOptions): KeptAnswers {
  const { url, breaker, maxBytes, ttlMs, hasRoom } = options;
  const client = connectRedis(url, { ...fastFailing(), connectionName: 'answer-cache' });
  client.connect().catch(() => {});
  const places = placesIn(maxBytes);
  const placeOf = (key: string) => `${PREFIX}${Number.parseInt(key.slice(0, 8), 16) % places}`;
  return {
    async read(key) {
      const packed = await breaker.execute(() => client.getBuffer(placeOf(key)), { fallback: () => null });
      const kept = packed === null ? undefined : unpack(packed);
      return kept?.key === key ? kept : undefined;
    },
    async keep(kept) {
      const packed = deflateRawSync(JSON.stringify(kept));
      if (packed.length > MAX_ANSWER_BYTES || !hasRoom()) return false;
      const write = async () => (await client.set(placeOf(kept.key), packed, 'PX', ttlMs)) === 'OK';
      return breaker.execute(write, { fallback: () => false });
    },
    [Symbol.asyncDispose]: async () => client.disconnect(),
  };
}

function unpack(packed: Buffer): KeptAnswer | undefined {
  try {
    const json = inflateRawSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }).toString();
    return KeptAnswer.safeParse(JSON.parse(json)).data;
  } catch {
    // Another release may have kept it in another form.
    return undefined;
  }
}

/** A full Redis takes nothing more, and is read as before. */
export function classifyKept(outcome: Outcome): Verdict | undefined {
  const error = 'error' in outcome ? outcome.error : undefined;
  return error instanceof Error && error.message.startsWith('OOM') ? 'ignored' : undefined;
}
