import type { Logger } from '@xnai/service';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { VectorSet } from '../store/vectors.ts';
import type { EmbeddedTexts } from './embed-next.ts';

/** Takes down what the embedding of chunks did: in the log once, and in metrics. */
export interface EmbeddingReport {
  embedded(set: VectorSet, batch: EmbeddedTexts & { readonly tookMs: number }): void;
  /** No text is without a vector. */
  finished(set: VectorSet): void;
  failed(error: unknown): void;
  /** Why nothing can be embedded now; undefined: it can. */
  problem(): Error | undefined;
  registerMetrics(registry: Registry): void;
}

export function createEmbeddingReport(log: Pick<Logger, 'info' | 'warn'>): EmbeddingReport {
  const metrics = createMetrics();
  /** What was said since all chunks had vectors: each thing is said once. */
  const said = new Set<string>();
  let problem: Error | undefined;
  let texts = 0;
  const once = (key: string, say: () => void) => {
    if (said.has(key)) return;
    said.add(key);
    say();
  };
  return {
    embedded({ id, model }, { embedded, divided, quarantined, tookMs }) {
      problem = undefined;
      texts += embedded;
      metrics.texts.inc({ outcome: 'embedded' }, embedded);
      metrics.texts.inc({ outcome: 'quarantined' }, quarantined);
      metrics.seconds.observe(tookMs / 1000);
      once(id, () => log.info({ model }, 'chunks are being embedded'));
      if (divided > 0) once(`${id} divided`, () => log.info({ model }, DIVIDED));
    },
    finished({ model }) {
      problem = undefined;
      if (texts > 0) log.info({ model, texts }, 'all chunks are embedded');
      texts = 0;
      said.clear();
    },
    failed(error) {
      problem = error instanceof Error ? error : new Error(String(error));
      metrics.failures.inc();
      const kind = 'code' in problem ? String(problem.code) : problem.message;
      once(kind, () =>
        log.warn({ err: problem }, 'no chunk can be embedded now; it is tried until it succeeds'),
      );
    },
    problem: () => problem,
    registerMetrics(registry) {
      for (const metric of Object.values(metrics)) registry.registerMetric(metric as Counter);
    },
  };
}

const DIVIDED = 'chunks that are longer than the context of the model are embedded in parts';

function createMetrics() {
  const texts = new Counter({
    name: 'rag_embedding_texts_total',
    help: 'Texts of chunks that the embedding model was given, by outcome',
    labelNames: ['outcome'],
    registers: [],
  });
  // A rate over a series that begins with its first event misses it.
  for (const outcome of ['embedded', 'quarantined']) texts.inc({ outcome }, 0);
  const failures = new Counter({
    name: 'rag_embedding_failures_total',
    help: 'Batches that failed, not for one of their texts',
    registers: [],
  });
  const seconds = new Histogram({
    name: 'rag_embedding_batch_seconds',
    help: 'From asking for a batch of texts to its vectors in the index',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers: [],
  });
  return { texts, failures, seconds };
}
