import { createHash } from 'node:crypto';
import type { QueryRequest } from '@xnai/contracts';
import type { ModelPort, Models } from '@xnai/inference';
import type { Scope } from '@xnai/service';
import type { Judge } from '../ask/judge/judge.ts';
import type { SelfChecks } from '../retrieve/self-check/self-checks.ts';
import type { Store } from '../store/store.ts';

export interface AnswerKeyDeps {
  readonly store: Pick<Store, 'getCollection'>;
  readonly models: Models;
  readonly judge: Pick<Judge, 'state'>;
  /** What the dense leg weighs in a collection. */
  readonly shareOf: SelfChecks['shareOf'];
}

export interface KeyedRequest {
  readonly request: QueryRequest;
  /** Of the caller's key. */
  readonly scopes: readonly Scope[];
}

export type AnswerKey = (asked: KeyedRequest, signal?: AbortSignal) => Promise<string | undefined>;

/**
 * The hash of all that an answer of this process depends on, in hex; undefined where the collection cannot be looked at.
 */
export function createAnswerKey({ store, models, judge, shareOf }: AnswerKeyDeps): AnswerKey {
  return async ({ request: { stream: _stream, ...request }, scopes }, signal) => {
    const collection = await store.getCollection(request.collection, { signal }).catch(() => undefined);
    if (collection === undefined) return undefined;
    const parts = [
      ...[models.generator, models.embedder, models.reranker].map(identityOf),
      judge.state().status,
      collection.generation,
      shareOf(request.collection),
      [...scopes].sort(),
      request,
    ];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  };
}

function identityOf(port: ModelPort) {
  const { id, sizeBytes, contextTokens, embedding } = port.info() ?? {};
  return [port.state().status, id, sizeBytes, contextTokens, embedding?.fingerprint];
}
