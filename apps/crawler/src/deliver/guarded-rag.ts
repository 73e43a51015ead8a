import type { Address, AddressList } from '@xnai/contracts';
import { type CallOptions, ClientError, type RagClient } from '@xnai/contracts/client';
import { deadlineIn, type Pipeline } from '@xnai/resilience';
import type { OutboxEntry } from './outbox.ts';

export type PutAnswer = Awaited<ReturnType<RagClient['deliverDocument']>>;

/** rag behind the breakers of this service. */
export interface GuardedRag {
  /**
   * @throws {ClientError} when rag refuses the document, or with `retryable` when it cannot take it now
   * @throws {BreakerOpenError} when rag was not asked
   * @throws {DeadlineError} when rag did not answer in time
   */
  put(entry: OutboxEntry, signal: AbortSignal): Promise<PutAnswer>;
  /** Deletes a document; `gone` when there was none. Throws as `put` does. */
  remove(entry: OutboxEntry, signal: AbortSignal): Promise<'removed' | 'gone'>;
  /** The addresses whose URL begins with a prefix, in pages; none where there is no such collection. Throws as `put` does. */
  addresses(
    collection: string,
    prefix: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<readonly Address[]>;
  /** A document as it is stored; undefined when it is gone. Throws as `put` does. */
  document(
    collection: string,
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly title: string | null } | undefined>;
  /** The links of a page as they were when it was put; undefined when they were not kept. Throws as `put` does. */
  links(collection: string, id: string, signal: AbortSignal): Promise<readonly string[] | undefined>;
  /**
   * @throws {ClientError} unless rag's process answers that it is alive
   * @throws {BreakerOpenError} when rag was not asked
   * @throws {DeadlineError} when rag did not answer in time
   */
  ping(signal: AbortSignal): Promise<void>;
  /** Why rag does not take pages although it answers, as an operator has to know it; undefined when it takes them. */
  refusal(): string | undefined;
}

export interface GuardedRagDeps {
  readonly client: Pick<
    RagClient,
    | 'deliverDocument'
    | 'putDocument'
    | 'deleteDocument'
    | 'getDocument'
    | 'listAddresses'
    | 'getAddress'
    | 'liveness'
  >;
  readonly ingest: Pipeline;
  readonly health: Pipeline;
  /** Time limit of one attempt to put a document; rag is told it too. */
  readonly putMs: number;
}

/** How the JSON of a page begins. That of a file is a `DocumentInput`, as are pages that wait since release 0.2 or earlier. */
const READ = '{"document":';

export function guardRag({ client, ingest, health, putMs }: GuardedRagDeps): GuardedRag {
  let refusal: string | undefined;

  async function call<T>(work: (options: CallOptions) => Promise<T>, signal: AbortSignal): Promise<T> {
    const attempt = (context: { readonly signal: AbortSignal }) =>
      work({ signal: context.signal, deadline: deadlineIn(putMs) });
    try {
      const answer = await ingest.execute(attempt, { signal });
      refusal = undefined;
      return answer;
    } catch (error) {
      if (error instanceof ClientError && error.status !== undefined) refusal = refusalOf(error);
      throw error;
    }
  }

  return {
    refusal: () => refusal,
    async remove({ collection, documentId }, signal) {
      const work = (options: CallOptions) => client.deleteDocument(collection, documentId, options);
      try {
        await call(work, signal);
        return 'removed';
      } catch (error) {
        if (isAbsent(error)) return 'gone';
        throw error;
      }
    },
    async *addresses(collection, prefix, signal) {
      for (let cursor: string | undefined; ; ) {
        const page = { prefix, cursor, limit: ADDRESSES_AT_ONCE };
        const found = await call((options) => client.listAddresses(collection, page, options), signal).catch(
          emptyIfAbsent,
        );
        yield found.addresses;
        if (found.next_cursor === null) return;
        cursor = found.next_cursor;
      }
    },
    document: (collection, id, signal) =>
      call((options) => client.getDocument(collection, id, options), signal).catch(undefinedIfAbsent),
    async links(collection, id, signal) {
      const { links } = await call((options) => client.getAddress(collection, id, options), signal);
      return links ?? undefined;
    },
    put({ collection, documentId, body }, signal) {
      const isRead = body.startsWith(READ);
      return call(
        (options) =>
          isRead
            ? client.deliverDocument(collection, documentId, body, options)
            : client.putDocument(collection, documentId, body, options),
        signal,
      );
    },
    async ping(signal) {
      await health.execute((attempt) => client.liveness({ signal: attempt.signal }), { signal });
    },
  };
}

const ADDRESSES_AT_ONCE = 1000;

/** A collection or document that is not there says nothing against the key or the address of rag. */
function isAbsent(error: unknown): error is ClientError {
  return (
    error instanceof ClientError &&
    (error.code === 'COLLECTION_NOT_FOUND' || error.code === 'DOCUMENT_NOT_FOUND')
  );
}

function undefinedIfAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}

function emptyIfAbsent(error: unknown): AddressList {
  if (isAbsent(error)) return { addresses: [], next_cursor: null };
  throw error;
}

function refusalOf(error: ClientError): string | undefined {
  const { status, code } = error;
  if (isAbsent(error) || code === 'DOCUMENT_NOT_WEB') return undefined;
  if (status === 401 || status === 403)
    return `rag refuses the crawler's key (${status} ${code}): see CRAWL_RAG_KEY`;
  if (status === 404 || status === 405)
    return `rag has no route for documents (${status} ${code}): see CRAWL_RAG_URL`;
  return undefined;
}
