import { atMost, type BenchReport } from './report.ts';
import { askAtOnce } from './search/ask-at-once.ts';
import { askByTurns } from './search/ask-by-turns.ts';
import { fill } from './search/fill.ts';
import { readOptions } from './search/read-options.ts';
import { searchVectors } from './search/search-vectors.ts';
import { writeBeside } from './search/write-beside.ts';
import { makeQuestions } from './support/made-up-documents.ts';
import { startRag } from './support/rag-process.ts';
import { memoryOf } from './support/service-process.ts';

/**
 * Search and query over HTTP, and then by words and by vectors in a store of the same size; `--vectors`: that alone.
 * `--chunks N`: size of the collection. `--clients N`: how many ask at a time beside one that asks alone. `--writers N`: how
 * many put documents beside those clients at last. `--rounds N` of `--questions N`: of each measurement; figures are those of
 * the middle round. `--against DIR`: another checkout that is set up, asked by turns in the same run; figures are then
 * ratios too.
 */
export async function runSearchBench(args: readonly string[] = []): Promise<BenchReport> {
  const options = readOptions(args, OPTIONS);
  const reports = options.vectors ? [] : [await searchOverHttp(options)];
  const { chunks, rounds } = options;
  const inStore = await searchVectors({ chunks, rounds, questions: makeQuestions(options.questions) });
  return {
    name: `search at ${chunks} chunks, ${rounds} rounds of ${options.questions} questions`,
    rows: [...reports.flatMap(({ rows }) => rows), ...inStore.rows],
    raw: { ...reports[0]?.raw, inStore: inStore.raw },
  };
}

const OPTIONS = {
  against: { type: 'string' },
  vectors: { type: 'boolean', default: false },
} as const;

type Options = ReturnType<typeof readOptions<typeof OPTIONS>>;

async function searchOverHttp({ chunks, questions, against, ...counts }: Options) {
  await using rag = await startRag();
  await using other = against === undefined ? undefined : await startRag({}, { root: against });
  await fill(rag, chunks);
  if (other !== undefined) await fill(other, chunks);
  const options = { rag, questions: makeQuestions(questions), ...counts };
  const turns = await askByTurns({ ...options, other });
  const atOnce = await askAtOnce(options);
  const memory = await memoryOf(rag.pid);
  const beside = await writeBeside(options);
  const { peakMb } = await memoryOf(rag.pid);
  return {
    rows: [
      ...turns.rows(chunks),
      ...atOnce.rows,
      ...beside.rows,
      atMost('memory of rag, before the writers', memory.rssMb, 'MiB', 250),
      atMost('memory of rag, highest', peakMb, 'MiB', 250),
    ],
    raw: { turns: turns.raw, atOnce: atOnce.raw, beside: beside.raw, memory },
  };
}
