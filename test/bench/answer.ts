import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRagClient, type RagClient } from '@xnai/contracts/client';
import { writeScriptedModel } from '@xnai/inference/testing';
import { type BenchReport, quantile } from './report.ts';
import { startRag } from './support/rag-process.ts';
import { untilModel } from './support/until-model.ts';

const DOCUMENTS = 40;
const QUESTIONS = 40;
const WARM_UP = 5;
const MOST_RATIO = 1.3;
const SENTENCE = [
  'The ',
  'limit ',
  'of ',
  'each ',
  'part ',
  'is ',
  'set ',
  'by ',
  'the ',
  'operator ',
  '[1]',
  '. ',
];

interface FirstShown {
  /** When a reader sees the first words, which are checked. */
  readonly checkedMs: number;
  /** When the model wrote its first word. */
  readonly uncheckedMs: number;
}

/**
 * `npm run bench -- answer [--model FILE]`: the time until a reader of a streamed answer sees the first words, beside the time of the model's first word. The model
 * is scripted unless one is given: its sentences have support, and reading the sources costs it little, so that holding a
 * sentence back weighs more than with any other.
 */
export async function runAnswerBench(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { model: { type: 'string' } } });
  const directory = mkdtempSync(join(tmpdir(), 'xnai-bench-shown-'));
  const scripted = join(directory, 'scripted.gguf');
  writeScriptedModel(scripted, [...SENTENCE, 'It ', 'can ', 'be ', 'raised ', '[1].']);
  try {
    await using rag = await startRag({ RAG_GENERATE_MODEL: values.model ?? scripted });
    await untilModel(rag.url);
    const client = createRagClient({ baseUrl: rag.url, key: rag.key });
    await fill(client);
    const times: FirstShown[] = [];
    for (let n = 0; n < WARM_UP + QUESTIONS; n++) {
      const measured = await askOnce(client, `Who sets the limit of part ${n % DOCUMENTS}?`);
      if (n >= WARM_UP && measured !== undefined) times.push(measured);
    }
    return report(times);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function fill(client: RagClient): Promise<void> {
  for (let n = 0; n < DOCUMENTS; n++) {
    const rest = 'The limit is set by the operator of the station, who writes it into the book. '.repeat(12);
    const content = `# Part ${n}\n\nThe limit of part ${n} is set by the operator. ${rest}`;
    await client.putDocument('default', `part-${n}`, { content, content_type: 'text/markdown' });
  }
}

/** Undefined where no word of the model was shown. */
async function askOnce(client: RagClient, query: string): Promise<FirstShown | undefined> {
  const startedMs = performance.now();
  let sourcesMs = 0;
  let checkedMs: number | undefined;
  for await (const { event, data } of client.queryStream({ query })) {
    if (event === 'sources') sourcesMs = performance.now() - startedMs;
    if (event === 'token') checkedMs ??= performance.now() - startedMs;
    const isWritten = event === 'done' && data.mode === 'generative' && checkedMs !== undefined;
    if (isWritten)
      return { checkedMs: checkedMs ?? 0, uncheckedMs: sourcesMs + (data.timings.first_token_ms ?? 0) };
  }
  return undefined;
}

function report(times: readonly FirstShown[]): BenchReport {
  const ratios = times.map(({ checkedMs, uncheckedMs }) => checkedMs / uncheckedMs);
  const median = (values: readonly number[]) => quantile(values, 0.5);
  const ratio = median(ratios);
  return {
    name: `first words of a streamed answer, ${times.length} questions`,
    rows: [
      { what: 'of the model', value: median(times.map(({ uncheckedMs }) => uncheckedMs)), unit: 'ms' },
      { what: 'checked, as shown', value: median(times.map(({ checkedMs }) => checkedMs)), unit: 'ms' },
      {
        what: 'checked / of the model',
        value: ratio,
        unit: 'x',
        aim: `at most ${MOST_RATIO} x`,
        isMet: ratio <= MOST_RATIO,
      },
    ],
    raw: times,
  };
}
