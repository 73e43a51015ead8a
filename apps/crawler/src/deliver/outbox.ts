import type { PageReason } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { DELIVERY_GROUP } from '../ledger/ledger.ts';
import { crawlKeys, OUTBOX_BYTES_KEY, OUTBOX_KEY, openScripts, RAG_DOWN_KEY } from '../ledger/scripts.ts';

/** A page on its way to rag. `body` is a `DeliveredDocument` in JSON; empty for a document that is to be deleted. */
export interface OutboxEntry {
  readonly entryId: string;
  readonly crawlId: string;
  readonly url: string;
  readonly documentId: string;
  readonly collection: string;
  readonly body: string;
  /** Of the page; undefined while traces are off. */
  readonly trace?: string | undefined;
}

export type Delivery =
  | { readonly status: 'indexed'; readonly change: 'added' | 'changed' }
  | { readonly status: 'unchanged' }
  /** `gone`: it was not there any more. */
  | { readonly status: 'removed' | 'gone' }
  /** Another page has the same text, and its document is `documentId`. */
  | { readonly status: 'skipped'; readonly reason: 'duplicate'; readonly documentId: string }
  | { readonly status: 'failed'; readonly reason: PageReason; readonly code: string };

/** The stream between the crawls and rag, read by all replicas as one consumer group. */
export interface Outbox {
  /** Waits up to `blockMs` for entries that no replica has yet. */
  take(count: number, blockMs: number): Promise<OutboxEntry[]>;
  /** Entries whose replica has not been heard of for `idleMs`. */
  takeOver(count: number, idleMs: number): Promise<OutboxEntry[]>;
  /** Says that this replica still works on the entry. */
  keep(entryId: string): Promise<void>;
  /** False when the entry's crawl was cancelled or forgotten: it is not to be delivered any more. */
  isWanted(entry: OutboxEntry): Promise<boolean>;
  acknowledge(entry: OutboxEntry, delivery: Delivery): Promise<void>;
  drop(entry: OutboxEntry): Promise<void>;
  markRag(state: 'up' | 'down'): Promise<void>;
  size(): Promise<{ readonly entries: number; readonly bytes: number }>;
  /** Takes this reader out of the group unless entries are still its own. */
  leave(): Promise<void>;
}

export interface OutboxDeps {
  /** For all commands that do not block. */
  readonly redis: Redis;
  /** Blocks in `take`. */
  readonly blocking: Redis;
  /** This replica's name in the group. */
  readonly consumer: string;
  readonly keepS: number;
}

/** Lifetime of the note that rag is away; replicas that still fail to reach rag renew it. */
const RAG_DOWN_MS = 60_000;

export function createOutbox({ redis, blocking, consumer, keepS }: OutboxDeps): Outbox {
  const scripts = openScripts(redis, keepS);

  return {
    take: (count, blockMs) => withGroup(redis, () => read(blocking, consumer, count, blockMs)),
    takeOver: (count, idleMs) =>
      withGroup(redis, async () => {
        const reply = await redis.xautoclaim(
          OUTBOX_KEY,
          DELIVERY_GROUP,
          consumer,
          idleMs,
          '0',
          'COUNT',
          count,
        );
        return entriesOf(reply[1] as RawEntry[]);
      }),
    async keep(entryId) {
      await redis.xclaim(OUTBOX_KEY, DELIVERY_GROUP, consumer, 0, entryId, 'JUSTID');
    },
    async isWanted(entry) {
      return (await redis.hexists(crawlKeys(entry.crawlId).waiting, entry.entryId)) === 1;
    },
    async acknowledge(entry, delivery) {
      const {
        reason = '',
        code = '',
        change = '',
        documentId = '',
      }: Partial<Record<string, string>> = delivery;
      const sent = [DELIVERY_GROUP, entry.entryId, Buffer.byteLength(entry.body)];
      const answer = [delivery.status, reason, code, change, documentId];
      await scripts.run('acknowledge', { id: entry.crawlId }, [...sent, ...answer]);
    },
    async drop({ entryId, body }) {
      await redis.xack(OUTBOX_KEY, DELIVERY_GROUP, entryId);
      const dropped = await redis.xdel(OUTBOX_KEY, entryId);
      if (dropped === 1) await redis.decrby(OUTBOX_BYTES_KEY, Buffer.byteLength(body));
    },
    async markRag(state) {
      if (state === 'up') await redis.del(RAG_DOWN_KEY);
      else await redis.set(RAG_DOWN_KEY, consumer, 'PX', RAG_DOWN_MS);
    },
    async size() {
      const [entries, bytes] = await Promise.all([redis.xlen(OUTBOX_KEY), redis.get(OUTBOX_BYTES_KEY)]);
      return { entries, bytes: Number(bytes ?? 0) };
    },
    leave: () => leave(redis, consumer),
  };
}

/** A Redis that was restarted empty has no group: it is made again, from the stream's beginning. */
async function withGroup<T>(redis: Redis, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOGROUP')) throw error;
    await redis.xgroup('CREATE', OUTBOX_KEY, DELIVERY_GROUP, '0', 'MKSTREAM').catch(ignoreExisting);
    return read();
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error;
}

async function read(redis: Redis, consumer: string, count: number, blockMs: number): Promise<OutboxEntry[]> {
  const reply = (await redis.xreadgroup(
    'GROUP',
    DELIVERY_GROUP,
    consumer,
    'COUNT',
    count,
    'BLOCK',
    blockMs,
    'STREAMS',
    OUTBOX_KEY,
    '>',
  )) as unknown;
  return reply === null ? [] : entriesOf((reply as [string, RawEntry[]][])[0]?.[1] ?? []);
}

type RawEntry = readonly [id: string, fields: readonly string[] | null];

/** Entries deleted meanwhile come without fields. */
function entriesOf(raw: readonly RawEntry[]): OutboxEntry[] {
  return raw.flatMap(([entryId, fields]) => {
    if (fields === null || fields === undefined) return [];
    // By place, since a collection may be called as a field is.
    const named = new Map(fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? '']] : [])));
    const field = (name: string) => named.get(name) ?? '';
    return {
      entryId,
      crawlId: field('crawl'),
      url: field('url'),
      documentId: field('document'),
      collection: field('collection'),
      body: field('body'),
      trace: field('trace') || undefined,
    };
  });
}

async function leave(redis: Redis, consumer: string): Promise<void> {
  const own = await redis.xpending(OUTBOX_KEY, DELIVERY_GROUP, '-', '+', 1, consumer);
  if (own.length === 0) await redis.xgroup('DELCONSUMER', OUTBOX_KEY, DELIVERY_GROUP, consumer);
}
