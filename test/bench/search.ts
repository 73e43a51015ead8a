import { atMost, type BenchReport, quantile } from './report.ts';
import { inParallel } from './support/in-parallel.ts';
import { makeDocuments, makeQuestions } from './support/made-up-documents.ts';
import { startRag } from './support/rag-process.ts';
import { memoryOf } from './support/service-process.ts';

const CHUNKS = 10_000;
const QUESTIONS = 300;
const WARM_UP = 30;
const COLLECTION = 'bench';

/** One client that asks one question after the other, as far as it can see: over HTTP. */
export async function runSearchBench(): Promise<BenchReport> {
  await using rag = await startRag();
  let chunks = 0;
  for (let batch = 0; chunks < CHUNKS; batch++) {
    const results = await inParallel(makeDocuments(100, batch + 1), 8, (document, index) =>
      rag.client.putDocument(COLLECTION, `d${batch}-${index}`, document),
    );
    chunks += results.reduce((sum, result) => sum + result.chunks, 0);
  }
  const questions = makeQuestions(WARM_UP + QUESTIONS);
  const search = await measure(questions, (query) => rag.client.search({ query, collection: COLLECTION }));
  const query = await measure(questions, (text) => rag.client.query({ query: text, collection: COLLECTION }));
  const memory = await memoryOf(rag.pid);
  return {
    name: `search and query at ${chunks} chunks, ${QUESTIONS} questions, one after the other`,
    rows: [
      { what: 'search, p50', value: quantile(search, 0.5), unit: 'ms' },
      atMost('search, p95', quantile(search, 0.95), 'ms', 40),
      { what: 'query (extractive), p50', value: quantile(query, 0.5), unit: 'ms' },
      { what: 'query (extractive), p95', value: quantile(query, 0.95), unit: 'ms' },
      atMost('memory of rag, now', memory.rssMb, 'MiB', 250),
      atMost('memory of rag, highest', memory.peakMb, 'MiB', 250),
    ],
    raw: { search, query, memory },
  };
}

async function measure(
  questions: readonly string[],
  ask: (question: string) => Promise<unknown>,
): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (const question of questions) {
    const startedMs = performance.now();
    await ask(question);
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs.slice(WARM_UP);
}
