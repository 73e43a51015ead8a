import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '@xnai/rag/sqlite-store';
import type { Store } from '@xnai/rag/store';
import { openPglite } from '@xnai/rag/testing/pglite';
import { openPostgresStore } from '@xnai/rag/testing/postgres';
import { readEvalSet } from './eval/beir.ts';
import { atMost, type BenchReport, quantile, type Row } from './report.ts';
import { type Measured, measureTerms } from './terms/measure-terms.ts';

/** Of nDCG@10, between two ways to find terms. */
const MOST_APART = 0.005;

/** In what a store finds terms, by the name that it says itself. */
type Open = (folder: string) => Promise<Store & AsyncDisposable>;

const WAYS: readonly Open[] = [
  (folder) => openSqliteStore({ path: join(folder, 'index.sqlite') }),
  () => openInPglite(false),
  () => openInPglite(true),
];

/**
 * `npm run bench -- terms --sets FOLDER,...`: what each way to find terms finds of sets in the layout of BEIR, and takes for
 * it, in this process. PGlite stands in for PostgreSQL: one backend, so that its times are no server's.
 */
export async function runTermsBench(args: readonly string[] = []): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { sets: { type: 'string' } } });
  if (values.sets === undefined) throw new Error('--sets FOLDER,... is missing: sets in the layout of BEIR');
  const rows: Row[] = [];
  const raw: unknown[] = [];
  for (const folder of values.sets.split(',')) {
    const set = await readEvalSet(resolve(folder));
    const all: Measured[] = [];
    for (const open of WAYS) all.push(await inFolder(open, (store) => measureTerms(store, set)));
    const [first, ...others] = all;
    rows.push(...all.flatMap((one) => rowsOf(basename(folder), one)));
    for (const one of others)
      rows.push(
        atMost(
          `${basename(folder)}: ${one.way}, nDCG@10 from that of ${first?.way}`,
          Math.abs(one.ndcg10 - (first?.ndcg10 ?? Number.NaN)),
          '',
          MOST_APART,
        ),
      );
    raw.push({ folder, all });
  }
  return { name: 'Ways to find terms', rows, raw };
}

async function openInPglite(hasTextsearch: boolean): Promise<Store & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await openPglite({ hasTextsearch }));
  const store = await openPostgresStore({ url: server.url, connections: 1 });
  const resources = opened.move();
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await resources.disposeAsync();
    },
  };
}

async function inFolder<T>(open: Open, work: (store: Store) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-bench-terms-'));
  try {
    await using store = await open(folder);
    return await work(store);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowsOf(set: string, { way, ndcg10, chunks, bytes, fillMs, tookMs }: Measured): Row[] {
  const what = `${set}: ${way}`;
  return [
    { what: `${what}, nDCG@10`, value: ndcg10, unit: '' },
    { what: `${what}, search p50`, value: quantile(tookMs, 0.5), unit: 'ms' },
    { what: `${what}, search p95`, value: quantile(tookMs, 0.95), unit: 'ms' },
    { what: `${what}, filling`, value: fillMs / chunks, unit: 'ms/chunk' },
    { what: `${what}, disk`, value: bytes / chunks, unit: 'bytes/chunk' },
  ];
}
