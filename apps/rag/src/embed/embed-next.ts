import type { Embedder } from '@xnai/inference';
import type { Logger } from '@xnai/service';
import type { PendingText, VectorSet, VectorStore } from '../store/vectors.ts';
import { type EmbedBatchDeps, embedBatch, type RefusedText } from './embed-batch.ts';
import { vectorSetOf } from './vector-set.ts';

export interface EmbedNextDeps extends EmbedBatchDeps {
  readonly vectors: Pick<VectorStore, 'pending' | 'put' | 'quarantine'>;
  readonly embedder: Pick<Embedder, 'embed' | 'state'>;
  readonly log: Pick<Logger, 'warn'>;
}

export interface EmbeddedTexts {
  readonly embedded: number;
  /** Those of them that are longer than the context of the model. */
  readonly divided: number;
  readonly quarantined: number;
}

/**
 * Embeds up to `most` texts that have no vector in the set yet; undefined when there are none. What was embedded while
 * another model took the place of the one of the set is thrown away.
 */
export async function embedNext(
  deps: EmbedNextDeps,
  { id }: VectorSet,
  most: number,
): Promise<EmbeddedTexts | undefined> {
  const { vectors, embedder, log, signal } = deps;
  const texts = await vectors.pending(most, { signal });
  if (texts.length === 0) return undefined;
  const { vectors: embedded, refused } = await embedBatch(deps, texts);
  if (vectorSetOf(embedder)?.id !== id) return NOTHING;
  if (embedded.length > 0) await vectors.put(id, embedded, { signal });
  for (const { hash, reason } of refused) await vectors.quarantine(id, { hash, reason }, { signal });
  tell(log, texts, refused);
  const divided = embedded.filter(({ isDivided }) => isDivided).length;
  return { embedded: embedded.length, divided, quarantined: refused.length };
}

const NOTHING: EmbeddedTexts = { embedded: 0, divided: 0, quarantined: 0 };

/** Once for each kind of failure, since one batch may have many: the reason is that of the first. */
function tell(
  log: EmbedNextDeps['log'],
  texts: readonly PendingText[],
  refused: readonly RefusedText[],
): void {
  for (const [code, some] of Map.groupBy(refused, (text) => text.code)) {
    const hashes = new Set(some.map(({ hash }) => hash));
    const collections = new Set(
      texts.filter(({ hash }) => hashes.has(hash)).map(({ collection }) => collection),
    );
    const fields = { code, chunks: some.length, collections: [...collections], reason: some[0]?.reason };
    log.warn(fields, 'chunks cannot be embedded: only their words find them');
  }
}
