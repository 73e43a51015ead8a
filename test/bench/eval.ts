import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRagClient, type RagClient } from '@xnai/contracts/client';
import { answerQueries } from './eval/answers.ts';
import { readEvalSet } from './eval/beir.ts';
import { MAX_QUERY_CHARS } from './eval/clip-query.ts';
import { ingestSet } from './eval/ingest-set.ts';
import { type RankReport, rankQueries } from './eval/rank.ts';
import { startRag } from './support/rag-process.ts';

const USAGE = `npm run eval -- FOLDER [--answers] [--json FILE] [--url URL]

Measures search (and with --answers the answers) on a set in the layout of BEIR: corpus.jsonl, queries.jsonl and
qrels.tsv, each plain or .gz. Starts a rag of its own; with --url it asks that one, with the key in XNAI_API_KEY.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    answers: { type: 'boolean', default: false },
    json: { type: 'string' },
    url: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [folder] = positionals;
if (values.help || folder === undefined) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (values.url !== undefined) {
  await evaluate(createRagClient({ baseUrl: values.url, key: process.env['XNAI_API_KEY'] }), folder);
} else {
  await using rag = await startRag();
  await evaluate(rag.client, folder);
}

async function evaluate(client: RagClient, path: string): Promise<void> {
  const set = await readEvalSet(resolve(path));
  const collection = `eval-${randomBytes(6).toString('hex')}`;
  console.log(`${basename(resolve(path))}: ${set.documents.length} documents, ${set.queries.length} queries`);
  const startedMs = performance.now();
  const ingested = await ingestSet(client, collection, set.documents);
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `ingested ${ingested.documents} documents as ${ingested.chunks} chunks in ${seconds.toFixed(1)} s; ` +
      `${ingested.empty} empty documents skipped`,
  );
  try {
    const ranked =
      set.judgements.size === 0 ? undefined : await rankQueries(client, collection, set, ingested);
    if (ranked === undefined) console.log('no qrels: search is not measured');
    else printRanked(ranked);
    const answered = values.answers ? await answerQueries(client, collection, set.queries) : undefined;
    if (answered !== undefined) printAnswered(answered);
    if (values.json !== undefined) {
      await mkdir(dirname(resolve(values.json)), { recursive: true });
      await writeFile(
        values.json,
        `${JSON.stringify({ set: path, ...ranked, answers: answered }, null, 2)}\n`,
      );
      console.log(`written to ${values.json}`);
    }
  } finally {
    await client.deleteCollection(collection);
  }
}

function printRanked({ mean, queries, unjudged, clipped, tookMs }: RankReport): void {
  if (unjudged > 0) console.log(`${unjudged} queries without a relevant document left out`);
  if (clipped > 0) console.log(`${clipped} queries over ${MAX_QUERY_CHARS} characters were cut`);
  const short = queries.filter(({ documents }) => documents < 100).length;
  if (short > 0) {
    console.log(
      `${short} queries saw fewer than 100 documents: a search ends at 100 chunks, or nothing else matched`,
    );
  }
  console.log(`${queries.length} queries in ${(tookMs / 1000).toFixed(1)} s`);
  console.log(`nDCG@10     ${mean.ndcg10.toFixed(4)}`);
  console.log(`Recall@100  ${mean.recall100.toFixed(4)}`);
  console.log(`MRR@10      ${mean.mrr10.toFixed(4)}`);
}

function printAnswered(report: Awaited<ReturnType<typeof answerQueries>>): void {
  const percent = (share: number) => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)} %`);
  console.log(`answers containing one of the right ones  ${percent(report.right)} of ${report.answerable}`);
  console.log(`of those, without any answer              ${percent(report.refused)}`);
  console.log(`mean length of an answer                  ${report.meanChars.toFixed(0)} characters`);
  console.log(`none, where the set has no answer         ${percent(report.none)} of ${report.impossible}`);
}
