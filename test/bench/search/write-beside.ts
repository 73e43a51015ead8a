import type { RetrievalMode } from '@xnai/contracts';
import { middleOf, quantile, type Row } from '../report.ts';
import { inParallel } from '../support/in-parallel.ts';
import { makeDocuments } from '../support/made-up-documents.ts';
import type { RagProcess } from '../support/rag-process.ts';
import { COLLECTION } from './fill.ts';
import { loopDelayMs, meanWaitMs, readFigures } from './read-figures.ts';

export interface Beside {
  readonly rag: RagProcess;
  readonly questions: readonly string[];
  readonly clients: number;
  readonly writers: number;
  readonly rounds: number;
  /** Default: by words. */
  readonly mode?: RetrievalMode;
}

const DOCUMENTS = 800;

interface Round {
  readonly chunksPerSecond: number;
  readonly searchMs: readonly number[];
  readonly lookupMs: readonly number[];
  readonly lookupWaitMs: number;
  readonly searchWaitMs: number;
  readonly delayMs: number;
}

/** Puts documents into the collection while clients search it and one looks single documents up. */
export async function writeBeside(options: Beside) {
  const raw: Round[] = [];
  for (let round = 0; round < options.rounds; round++) raw.push(await writeRound(options, round));
  const { writers, clients } = options;
  const beside = `${writers} writers beside ${clients} clients`;
  const rows: Row[] = [
    middleOf(
      beside,
      raw.map((round) => round.chunksPerSecond),
      'chunks/s',
      { atLeast: 1000 },
    ),
    middleOf(
      'search meanwhile, p50',
      raw.map(({ searchMs }) => quantile(searchMs, 0.5)),
      'ms',
    ),
    middleOf(
      'search meanwhile, p95',
      raw.map(({ searchMs }) => quantile(searchMs, 0.95)),
      'ms',
    ),
    middleOf(
      'lookup meanwhile, p50',
      raw.map(({ lookupMs }) => quantile(lookupMs, 0.5)),
      'ms',
    ),
    middleOf(
      'of a search, waiting for a thread',
      raw.map(({ searchWaitMs }) => searchWaitMs),
      'ms',
    ),
    middleOf(
      'of a lookup, waiting for a thread',
      raw.map(({ lookupWaitMs }) => lookupWaitMs),
      'ms',
    ),
    middleOf(
      'event loop, p99, meanwhile',
      raw.map(({ delayMs }) => delayMs),
      'ms',
    ),
  ];
  return { raw, rows };
}

async function writeRound({ mode = 'lexical', ...options }: Beside, round: number): Promise<Round> {
  const { rag, questions, clients, writers } = options;
  const { client } = rag;
  const documents = makeDocuments(DOCUMENTS, 1_000_000 + round);
  const before = await readFigures(rag);
  const ended = new AbortController();
  const search = (n: number) =>
    client.search({ query: questions[n % questions.length] ?? '', collection: COLLECTION, mode });
  const searches = Array.from({ length: clients }, (_, n) =>
    timesUntil(ended.signal, (m) => search(n + m * clients)),
  );
  const lookups = timesUntil(ended.signal, (n) => client.getDocument(COLLECTION, `d0-${n % 100}`));
  const startedMs = performance.now();
  const results = await inParallel(documents, writers, (document, index) =>
    client.putDocument(COLLECTION, `w${round}-${index}`, document),
  );
  const tookMs = performance.now() - startedMs;
  ended.abort();
  const after = await readFigures(rag);
  return {
    chunksPerSecond: (results.reduce((sum, { chunks }) => sum + chunks, 0) / tookMs) * 1000,
    searchMs: (await Promise.all(searches)).flat(),
    lookupMs: await lookups,
    lookupWaitMs: meanWaitMs('lookup', before, after),
    searchWaitMs: meanWaitMs('search', before, after),
    delayMs: loopDelayMs(after),
  };
}

async function timesUntil(signal: AbortSignal, ask: (n: number) => Promise<unknown>): Promise<number[]> {
  const tookMs: number[] = [];
  for (let n = 0; !signal.aborted; n++) {
    const startedMs = performance.now();
    await ask(n);
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs;
}
