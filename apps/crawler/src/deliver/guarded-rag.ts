import { ClientError, type RagClient } from '@xnai/contracts/client';
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
  readonly client: Pick<RagClient, 'deliverDocument' | 'putDocument' | 'liveness'>;
  readonly ingest: Pipeline;
  readonly health: Pipeline;
  /** Time limit of one attempt to put a document; rag is told it too. */
  readonly putMs: number;
}

/** How the JSON of a page begins. That of a file is a `DocumentInput`, as are pages that wait since release 0.2 or earlier. */
const READ = '{"document":';

export function guardRag({ client, ingest, health, putMs }: GuardedRagDeps): GuardedRag {
  let refusal: string | undefined;
  return {
    refusal: () => refusal,
    async put({ collection, documentId, body }, signal) {
      const isRead = body.startsWith(READ);
      const put = (attempt: { readonly signal: AbortSignal }) => {
        const options = { signal: attempt.signal, deadline: deadlineIn(putMs) };
        return isRead
          ? client.deliverDocument(collection, documentId, body, options)
          : client.putDocument(collection, documentId, body, options);
      };
      try {
        const answer = await ingest.execute(put, { signal });
        refusal = undefined;
        return answer;
      } catch (error) {
        if (error instanceof ClientError && error.status !== undefined) refusal = refusalOf(error);
        throw error;
      }
    },
    async ping(signal) {
      await health.execute((attempt) => client.liveness({ signal: attempt.signal }), { signal });
    },
  };
}

function refusalOf({ status, code }: ClientError): string | undefined {
  if (status === 401 || status === 403)
    return `rag refuses the crawler's key (${status} ${code}): see CRAWL_RAG_KEY`;
  if (status === 404 || status === 405)
    return `rag has no route for documents (${status} ${code}): see CRAWL_RAG_URL`;
  return undefined;
}
