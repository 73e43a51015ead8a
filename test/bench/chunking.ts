import { parseArgs } from 'node:util';
import { chunkDocument } from '@xnai/text/chunk';
import { readMarkdown } from '@xnai/text/markdown';
import { measureOverlap, type Overlap } from './chunking/measure.ts';
import { readEvidence } from './chunking/read-evidence.ts';
import { type BenchReport, quantile, type Row } from './report.ts';

/** Evidence that a border cuts is found in halves; the aim of the project. */
const MOST_CUT_PERCENT = 5;

/** Where the borders of chunks fall among passages that answer questions: `--dataset FOLDER`. */
export async function runChunkingBench(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { dataset: { type: 'string' } } });
  if (values.dataset === undefined) throw new Error('chunking needs --dataset FOLDER');
  const { corpora, questions } = await readEvidence(values.dataset);
  const results = Array.from(corpora, ([corpus, text]) => {
    const chunks = chunkDocument(readMarkdown(text));
    const sizes = chunks.map(({ start, end }) => end - start);
    const asked = questions.filter((question) => question.corpus === corpus);
    return { corpus, sizes, questions: asked.length, ...measureOverlap(chunks, asked) };
  });
  return {
    name: `chunking: ${questions.length} questions with exact evidence`,
    rows: [
      ...results.map(({ corpus, cut }) => percent(`evidence cut, ${corpus}`, cut)),
      ...totals(results),
      {
        what: 'characters of a chunk, median',
        value: quantile(
          results.flatMap(({ sizes }) => sizes),
          0.5,
        ),
        unit: 'chars',
      },
    ],
    raw: results.map(({ sizes, ...figures }) => ({ ...figures, chunks: sizes.length })),
  };
}

function totals(results: readonly (Overlap & { readonly questions: number })[]): Row[] {
  const mean = (name: keyof Overlap, by: 'spans' | 'questions') =>
    results.reduce((sum, result) => sum + result[name] * result[by], 0) /
    results.reduce((sum, result) => sum + result[by], 0);
  const cut = percent('evidence cut by a border', mean('cut', 'spans'));
  return [
    { ...cut, aim: `at most ${MOST_CUT_PERCENT} %`, isMet: cut.value <= MOST_CUT_PERCENT },
    percent('evidence in one chunk a span', mean('recallOfBest', 'questions')),
    percent('recall of all chunks that touch it', mean('recall', 'questions')),
    percent('precision of those', mean('precision', 'questions')),
    percent('intersection over union of those', mean('iou', 'questions')),
  ];
}

function percent(what: string, share: number): Row {
  return { what, value: 100 * share, unit: '%' };
}
