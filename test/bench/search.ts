import { parseArgs } from 'node:util';
import { atLeast, atMost, type BenchReport, quantile, type Row } from './report.ts';
import { inParallel } from './support/in-parallel.ts';
import { makeDocuments, makeQuestions } from './support/made-up-documents.ts';
import { type RagProcess, startRag } from './support/rag-process.ts';
import { memoryOf } from './support/service-process.ts';

const QUESTIONS = 300;
const WARM_UP = 30;
/** Asked of one service, then of the other, so that both see the same machine. */
const TURN = 30;
const COLLECTION = 'bench';

/**
 * Search and query over HTTP. `--chunks N`: size of the collection. `--clients N`: how many ask at a time beside one that
 * asks alone. `--against DIR`: another checkout that is set up, asked by turns in the same run; figures are then ratios too.
 */
export async function runSearchBench(args: readonly string[] = []): Promise<BenchReport> {
  const { chunks, clients, against } = readOptions(args);
  await using rag = await startRag();
  await using other = against === undefined ? undefined : await startRag({}, against);
  const filled = await fill(rag, chunks);
  if (other !== undefined) await fill(other, chunks);
  const questions = makeQuestions(WARM_UP + QUESTIONS);
  const asked = await askByTurns(rag, other, questions);
  const memory = await memoryOf(rag.pid);
  const alone = await rateOf(rag, questions, 1);
  const together = await rateOf(rag, questions, clients);
  return {
    name: `search and query at ${filled} chunks, ${QUESTIONS} questions`,
    rows: [
      ...rowsOf('search', asked.search, chunks),
      ...rowsOf('query (extractive)', asked.query),
      { what: 'searches a second, one client', value: alone, unit: '1/s' },
      atLeast(`${clients} clients to one`, together / alone, 'times', 1.8),
      atMost('memory of rag, now', memory.rssMb, 'MiB', 250),
      atMost('memory of rag, highest', memory.peakMb, 'MiB', 250),
    ],
    raw: { asked, alone, together, memory },
  };
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      chunks: { type: 'string', default: '10000' },
      clients: { type: 'string', default: '4' },
      against: { type: 'string' },
    },
  });
  return { chunks: Number(values.chunks), clients: Number(values.clients), against: values.against };
}

async function fill(rag: RagProcess, wanted: number): Promise<number> {
  let chunks = 0;
  for (let batch = 0; chunks < wanted; batch++) {
    const results = await inParallel(makeDocuments(100, batch + 1), 8, (document, index) =>
      rag.client.putDocument(COLLECTION, `d${batch}-${index}`, document),
    );
    chunks += results.reduce((sum, result) => sum + result.chunks, 0);
  }
  return chunks;
}

interface Times {
  readonly ours: number[];
  readonly theirs: number[];
}

async function askByTurns(rag: RagProcess, other: RagProcess | undefined, questions: readonly string[]) {
  const search: Times = { ours: [], theirs: [] };
  const query: Times = { ours: [], theirs: [] };
  for (let from = 0; from < questions.length; from += TURN) {
    const turn = questions.slice(from, from + TURN);
    for (const [{ client }, side] of sidesOf(rag, other)) {
      const searched = await measure(turn, (text) => client.search({ query: text, collection: COLLECTION }));
      const answered = await measure(turn, (text) => client.query({ query: text, collection: COLLECTION }));
      if (from < WARM_UP) continue;
      search[side].push(...searched);
      query[side].push(...answered);
    }
  }
  return { search, query };
}

function sidesOf(rag: RagProcess, other: RagProcess | undefined): readonly [RagProcess, keyof Times][] {
  return other === undefined
    ? [[rag, 'ours']]
    : [
        [rag, 'ours'],
        [other, 'theirs'],
      ];
}

/** Of f3d0f6f, which the aims are ratios to. */
const AIMED_RATIO: Readonly<Record<number, number>> = { 100000: 0.55, 300000: 0.35 };

function rowsOf(what: string, { ours, theirs }: Times, chunks = 0): Row[] {
  const p95 = quantile(ours, 0.95);
  const rows: Row[] = [
    { what: `${what}, p50`, value: quantile(ours, 0.5), unit: 'ms' },
    what === 'search' && chunks <= 10_000
      ? atMost(`${what}, p95`, p95, 'ms', 40)
      : { what: `${what}, p95`, value: p95, unit: 'ms' },
  ];
  if (theirs.length === 0) return rows;
  const ratio = p95 / quantile(theirs, 0.95);
  const aim = AIMED_RATIO[chunks];
  return [
    ...rows,
    { what: `${what}, p50 to the other`, value: quantile(ours, 0.5) / quantile(theirs, 0.5), unit: 'times' },
    aim === undefined
      ? { what: `${what}, p95 to the other`, value: ratio, unit: 'times' }
      : atMost(`${what}, p95 to the other`, ratio, 'times', aim),
  ];
}

async function rateOf(
  { client }: RagProcess,
  questions: readonly string[],
  clients: number,
): Promise<number> {
  const startedMs = performance.now();
  await inParallel(questions, clients, (query) => client.search({ query, collection: COLLECTION }));
  return (questions.length / (performance.now() - startedMs)) * 1000;
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
  return tookMs;
}
