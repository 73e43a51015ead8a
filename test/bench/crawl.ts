import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type CrawlRun, type CrawlStack, type OwnRun, startCrawlStack } from './crawl/stack.ts';
import { atLeast, atMost, type BenchReport, quantile } from './report.ts';

/**
 * Our whole path against Crawlee alone: the same site, concurrency, preset of the pool and extraction, by turns. Ours is
 * timed from the submission until every page is in the index; Crawlee only while it crawls.
 */
export async function runCrawlBench(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pages: { type: 'string', default: '1500' },
      rounds: { type: 'string', default: '3' },
      concurrency: { type: 'string', default: '8' },
    },
  });
  const [pages, rounds, concurrency] = [values.pages, values.rounds, values.concurrency].map(Number) as [
    number,
    number,
    number,
  ];
  await using site = await startSite(pages);
  await using stack = await startCrawlStack(site.origin);
  const plan = { url: `${site.origin}/`, pages, concurrency };
  // Each side once for nothing: files are read and code is compiled.
  await runRound(stack, plan);
  const runs: Round[] = [];
  for (let round = 0; round < rounds; round++) runs.push(await runRound(stack, plan));
  return toReport(plan, runs, await stack.memory());
}

interface Plan {
  readonly url: string;
  readonly pages: number;
  readonly concurrency: number;
}

interface Round {
  readonly ours: OwnRun;
  readonly extracting: CrawlRun;
  readonly plain: CrawlRun;
}

async function runRound(stack: CrawlStack, plan: Plan): Promise<Round> {
  const { url, pages, concurrency } = plan;
  const ours = await stack.crawl({ url, limit: pages, maxConcurrency: concurrency });
  const extracting = await runRaw(plan, 'extract');
  const plain = await runRaw(plan, 'plain');
  for (const [name, run] of Object.entries({ ours, extracting, plain })) {
    if (run.pages !== pages) throw new Error(`${name} had ${run.pages} pages of ${pages}`);
  }
  return { ours, extracting, plain };
}

async function runRaw({ url, pages, concurrency }: Plan, mode: 'extract' | 'plain'): Promise<CrawlRun> {
  const script = fileURLToPath(new URL('./crawl/raw-crawlee.ts', import.meta.url));
  const child = fork(script, [url, String(pages), String(concurrency), mode]);
  const [message] = (await Promise.race([once(child, 'message'), failure(child)])) as [CrawlRun];
  if (child.exitCode === null) await once(child, 'exit');
  return message;
}

async function startSite(pages: number): Promise<AsyncDisposable & { readonly origin: string }> {
  const script = fileURLToPath(new URL('./crawl/site.ts', import.meta.url));
  const child = fork(script, [String(pages)]);
  const [origin] = (await Promise.race([once(child, 'message'), failure(child)])) as [string];
  return {
    origin,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function failure(child: ReturnType<typeof fork>): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`a process of the bench ended early (${code ?? signal})`);
}

function toReport(
  { pages, concurrency }: Plan,
  runs: readonly Round[],
  memory: Awaited<ReturnType<CrawlStack['memory']>>,
): BenchReport {
  const rate = ({ pages: count, seconds }: CrawlRun) => count / seconds;
  const middle = (side: keyof Round) =>
    quantile(
      runs.map((run) => rate(run[side])),
      0.5,
    );
  const cpu = (side: keyof Round, ...names: string[]) =>
    quantile(
      runs.map((run) => names.reduce((sum, name) => sum + (run[side].cpuMs[name] ?? 0), 0) / run[side].pages),
      0.5,
    );
  const ratios = runs.map(({ ours, extracting }) => rate(ours) / rate(extracting));
  return {
    name: `crawl: ${pages} pages, ${concurrency} at a time, ${runs.length} rounds by turns`,
    rows: [
      { what: 'whole path: fetch, extract, deliver, index', value: middle('ours'), unit: 'pages/s' },
      {
        what: 'Crawlee with the same extraction in its handler',
        value: middle('extracting'),
        unit: 'pages/s',
      },
      { what: 'Crawlee alone', value: middle('plain'), unit: 'pages/s' },
      atLeast('whole path / Crawlee with extraction, middle round', quantile(ratios, 0.5), '', 0.8),
      { what: 'the same, lowest round', value: Math.min(...ratios), unit: '' },
      { what: 'the same, highest round', value: Math.max(...ratios), unit: '' },
      {
        what: 'first page indexed, after its submission',
        value: quantile(
          runs.map(({ ours }) => ours.firstPageMs),
          0.5,
        ),
        unit: 'ms',
      },
      { what: 'processor time, whole path', value: cpu('ours', 'rag', 'crawler', 'redis'), unit: 'ms/page' },
      {
        what: '  crawler with its child: fetch, extract, deliver',
        value: cpu('ours', 'crawler'),
        unit: 'ms/page',
      },
      { what: '  rag: chunk and index', value: cpu('ours', 'rag'), unit: 'ms/page' },
      { what: '  Redis: queue, records, outbox', value: cpu('ours', 'redis'), unit: 'ms/page' },
      {
        what: 'processor time, Crawlee with extraction',
        value: cpu('extracting', 'crawlee'),
        unit: 'ms/page',
      },
      ...(runs.at(-1)?.ours.memory ?? []).flatMap(({ pages: count, ragMb, crawlerMb }) => [
        { what: `memory of rag after ${count} pages`, value: ragMb, unit: 'MiB' },
        { what: `memory of the crawler and its child after ${count} pages`, value: crawlerMb, unit: 'MiB' },
      ]),
      atMost('memory of rag, highest', memory.rag.peakMb, 'MiB', 250),
      atMost('memory of the crawler parent, highest', memory.crawler.peakMb, 'MiB', 150),
    ],
    raw: { runs, memory },
  };
}
