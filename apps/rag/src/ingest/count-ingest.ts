import { Counter, Histogram, type Registry } from 'prom-client';
import type { Ingest } from './ingest.ts';

const OUTCOMES = ['indexed', 'unchanged', 'joined', 'failed'];

/** The same ingest, which counts what it did in the metrics of the service. */
export function countIngest(ingest: Ingest, registry: Registry): Ingest {
  const registers = [registry];
  const documents = new Counter({
    name: 'rag_documents_total',
    help: 'Documents taken in, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  // A rate over a series that begins with its first event misses it.
  for (const outcome of OUTCOMES) documents.inc({ outcome }, 0);
  const chunks = new Counter({
    name: 'rag_chunks_indexed_total',
    help: 'Chunks written to the index',
    registers,
  });
  const seconds = new Histogram({
    name: 'rag_ingest_seconds',
    help: 'From the request to the acknowledgement of a document',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60],
    registers,
  });
  return async (document, options) => {
    const stop = seconds.startTimer();
    try {
      const ingested = await ingest(document, options);
      documents.inc({ outcome: ingested.status });
      if (ingested.status === 'indexed') chunks.inc(ingested.chunks);
      return ingested;
    } catch (error) {
      documents.inc({ outcome: 'failed' });
      throw error;
    } finally {
      stop();
    }
  };
}
