import { atMost, type BenchReport, quantile } from './report.ts';
import { inParallel } from './support/in-parallel.ts';
import { makeDocuments } from './support/made-up-documents.ts';
import { startRag } from './support/rag-process.ts';
import { memoryOf } from './support/service-process.ts';

const DOCUMENTS = 400;
const RUNS = 3;
const PARALLEL = 8;

/** Documents through `PUT`, eight at a time, each run into a collection of its own. */
export async function runIngestBench(): Promise<BenchReport> {
  await using rag = await startRag();
  const runs: { chunks: number; seconds: number }[] = [];
  for (let run = 0; run < RUNS; run++) {
    const documents = makeDocuments(DOCUMENTS, run + 1);
    const startedMs = performance.now();
    const results = await inParallel(documents, PARALLEL, (document, index) =>
      rag.client.putDocument(`run-${run}`, `d${index}`, document),
    );
    const chunks = results.reduce((sum, result) => sum + result.chunks, 0);
    runs.push({ chunks, seconds: (performance.now() - startedMs) / 1000 });
  }
  const rates = runs.map(({ chunks, seconds }) => chunks / seconds);
  const memory = await memoryOf(rag.pid);
  return {
    name: `ingest: ${RUNS} times ${DOCUMENTS} documents, ${PARALLEL} at a time`,
    rows: [
      { what: 'rate, middle run', value: quantile(rates, 0.5), unit: 'chunks/s' },
      { what: 'rate, slowest run', value: Math.min(...rates), unit: 'chunks/s' },
      { what: 'rate, fastest run', value: Math.max(...rates), unit: 'chunks/s' },
      atMost('memory of rag, highest', memory.peakMb, 'MiB', 250),
    ],
    raw: { runs, memory },
  };
}
