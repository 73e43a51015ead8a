import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MAX_QUERY_CHARS } from '@xnai/contracts';
import { createRagClient, type RagClient } from '@xnai/contracts/client';
import { answerQueries } from './eval/answers.ts';
import { manualRows, rankRows } from './eval/bars.ts';
import { readEvalSet } from './eval/beir.ts';
import { evaluateHybrid } from './eval/hybrid.ts';
import { ingestSet } from './eval/ingest-set.ts';
import { readManualPages } from './eval/manual-packages.ts';
import { askManuals, deleteManuals, ingestManuals } from './eval/manuals.ts';
import { type RankReport, rankQueries } from './eval/rank.ts';
import { evaluateWeights } from './eval/weights.ts';
import { type BenchReport, printReport, type Row } from './report.ts';
import { startRag } from './support/rag-process.ts';
import { untilModel } from './support/until-model.ts';

const USAGE = `npm run eval -- FOLDER [--answers] [--model FILE [--judge off]] [--json FILE] [--url URL]
npm run eval -- manuals [--manuals DIR] [--model FILE [--judge off]] [--json FILE] [--url URL]
npm run eval -- hybrid [--embed FILE] [--json FILE] FOLDER...
npm run eval -- weights [--manuals DIR] [--only NAME,...] [--factors 0,0.5,2] FOLDER...

FOLDER: measures search (and with --answers the answers) on a set in the layout of BEIR: corpus.jsonl, queries.jsonl
and qrels.tsv, each plain or .gz.
manuals: measures search, answers and refusals on the HTML manuals of Debian packages that are installed, or unpacked in
DIR.
hybrid: measures search by words, by vectors and by both on each set, with that GGUF or with one that is made here of the
weights of a package.
weights: asks all of these with each weight of search and answers multiplied by each factor, and prints which figures
become others. "better" and "worse" are those that chance would seldom give. A weight without effect ends it with 1.
Starts a rag of its own, without a model or with that GGUF; with --url it asks that one, with the key in XNAI_API_KEY.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    answers: { type: 'boolean', default: false },
    manuals: { type: 'string' },
    only: { type: 'string', default: '' },
    factors: { type: 'string', default: '0,0.5,2' },
    model: { type: 'string' },
    embed: { type: 'string' },
    judge: { type: 'string', default: 'auto' },
    json: { type: 'string' },
    url: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [folder, ...folders] = positionals;
if (values.help || folder === undefined) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (folder === 'weights') {
  const idle = await evaluateWeights({
    folders,
    manuals: values.manuals,
    only: values.only.split(','),
    factors: values.factors.split(',').map(Number),
  });
  if (idle.length > 0) process.exitCode = 1;
} else if (folder === 'hybrid') {
  const reports: BenchReport[] = [];
  for await (const report of evaluateHybrid(folders, values.embed)) {
    print(report.rows, report.name);
    reports.push(report);
  }
  await writeJson(reports);
} else {
  const evaluate = folder === 'manuals' ? evaluateManuals : evaluateSet;
  if (values.url !== undefined) {
    await evaluate(createRagClient({ baseUrl: values.url, key: process.env['XNAI_API_KEY'] }), folder);
  } else {
    await using rag = await startRag(
      values.model === undefined
        ? {}
        : { RAG_GENERATE_MODEL: resolve(values.model), RAG_JUDGE: values.judge },
    );
    if (values.model !== undefined) console.log(await untilModel(rag.url));
    await evaluate(rag.client, folder);
  }
}

async function evaluateManuals(client: RagClient): Promise<void> {
  const pages = await readManualPages(values.manuals);
  const prefix = newCollection();
  const startedMs = performance.now();
  const chunks = await ingestManuals(client, prefix, pages);
  console.log(`${pages.length} pages as ${chunks} chunks in ${secondsSince(startedMs)} s`);
  const askedMs = performance.now();
  try {
    const report = await askManuals(client, prefix);
    console.log(`asked in ${secondsSince(askedMs)} s`);
    print(manualRows(report), 'manuals');
    await writeJson(report);
  } finally {
    await deleteManuals(client, prefix);
  }
}

/** A figure that misses its aim ends the command with 1. */
function print(rows: readonly Row[], name: string): void {
  printReport({ name, rows, raw: undefined });
  if (rows.some(({ isMet }) => isMet === false)) process.exitCode = 1;
}

async function evaluateSet(client: RagClient, path: string): Promise<void> {
  const set = await readEvalSet(resolve(path));
  const collection = newCollection();
  console.log(`${basename(resolve(path))}: ${set.documents.length} documents, ${set.queries.length} queries`);
  const startedMs = performance.now();
  const ingested = await ingestSet(client, collection, set.documents);
  console.log(
    `ingested ${ingested.documents} documents as ${ingested.chunks} chunks in ${secondsSince(startedMs)} s; ` +
      `${ingested.empty} empty documents skipped`,
  );
  try {
    const ranked =
      set.judgements.size === 0 ? undefined : await rankQueries(client, collection, set, ingested);
    if (ranked === undefined) console.log('no qrels: search is not measured');
    else printRanked(basename(resolve(path)), ranked);
    const answered = values.answers ? await answerQueries(client, collection, set.queries) : undefined;
    if (answered !== undefined) printAnswered(answered);
    await writeJson({ set: path, ...ranked, answers: answered });
  } finally {
    await client.deleteCollection(collection);
  }
}

function newCollection(): string {
  return `eval-${randomBytes(6).toString('hex')}`;
}

function secondsSince(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1);
}

async function writeJson(report: object): Promise<void> {
  if (values.json === undefined) return;
  await mkdir(dirname(resolve(values.json)), { recursive: true });
  await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`written to ${values.json}`);
}

function printRanked(name: string, { mean, queries, unjudged, clipped, tookMs }: RankReport): void {
  if (unjudged > 0) console.log(`${unjudged} queries without a relevant document left out`);
  if (clipped > 0) console.log(`${clipped} queries over ${MAX_QUERY_CHARS} characters were cut`);
  const short = queries.filter(({ documents }) => documents < 100).length;
  if (short > 0) {
    console.log(
      `${short} queries saw fewer than 100 documents: a search ends at 100 chunks, or nothing else matched`,
    );
  }
  console.log(`${queries.length} queries in ${(tookMs / 1000).toFixed(1)} s`);
  print(rankRows(name, mean), name);
}

function printAnswered(report: Awaited<ReturnType<typeof answerQueries>>): void {
  const percent = (share: number) => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)} %`);
  console.log(`answers containing one of the right ones  ${percent(report.right)} of ${report.answerable}`);
  console.log(`of those, without any answer              ${percent(report.refused)}`);
  console.log(`mean length of an answer                  ${report.meanChars.toFixed(0)} characters`);
  console.log(`none, where the set has no answer         ${percent(report.none)} of ${report.impossible}`);
  for (const [name, count] of Object.entries(report.degraded))
    console.log(`degraded: ${name.padEnd(32)}${count} of ${report.outcomes.length}`);
}
