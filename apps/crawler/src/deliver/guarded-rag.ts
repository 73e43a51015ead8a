import type { RagClient } from '@xnai/contracts/client';
import { deadlineIn, type Pipeline } from '@xnai/resilience';
import type { OutboxEntry } from './outbox.ts';

/** rag behind the breakers of this service. */
export interface GuardedRag {
  /**
   * @throws {ClientError} when rag refuses the document, or with `retryable` when it cannot take it now
   * @throws {BreakerOpenError} when rag was not asked
   * @throws {DeadlineError} when rag did not answer in time
   */
  put(entry: OutboxEntry, signal: AbortSignal): Promise<'indexed' | 'unchanged'>;
  /**
   * @throws {ClientError} unless rag's process answers that it is alive
   * @throws {BreakerOpenError} when rag was not asked
   * @throws {DeadlineError} when rag did not answer in time
   */
  ping(signal: AbortSignal): Promise<void>;
}

export interface GuardedRagDeps {
  readonly client: Pick<RagClient, 'putDocument' | 'liveness'>;
  readonly ingest: Pipeline;
  readonly health: Pipeline;
  /** Time limit of one attempt to put a document; rag is told it too. */
  readonly putMs: number;
}

export function guardRag({ client, ingest, health, putMs }: GuardedRagDeps): GuardedRag {
  return {
    async put({ collection, documentId, body }, signal) {
      const put = (attempt: { readonly signal: AbortSignal }) =>
        client.putDocument(collection, documentId, body, {
          signal: attempt.signal,
          deadline: deadlineIn(putMs),
        });
      return (await ingest.execute(put, { signal })).status;
    },
    async ping(signal) {
      await health.execute((attempt) => client.liveness({ signal: attempt.signal }), { signal });
    },
  };
}
