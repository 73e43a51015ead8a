import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchReport, machine, printReport, writeReports } from './report.ts';

type Bench = (args: readonly string[]) => Promise<BenchReport | undefined>;

/** Each measurement is a module by itself, loaded only when it is run. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  ingest: async () => (await import('./ingest.ts')).runIngestBench,
  search: async () => (await import('./search.ts')).runSearchBench,
  hybrid: async () => (await import('./hybrid.ts')).runHybridBench,
  answer: async () => (await import('./answer.ts')).runAnswerBench,
  crawl: async () => (await import('./crawl.ts')).runCrawlBench,
  browser: async () => (await import('./browser.ts')).runBrowserBench,
  resilience: async () => (await import('./resilience.ts')).runResilienceBench,
  inference: async () => (await import('./inference.ts')).runInferenceBench,
  text: async () => (await import('./text.ts')).runTextBench,
  persistence: async () => (await import('./persistence.ts')).runPersistenceBench,
  memory: async () => (await import('./memory.ts')).runMemoryBench,
  pressure: async () => (await import('./pressure.ts')).runPressureBench,
  baselines: async () => (await import('./baselines.ts')).runBaselinesBench,
  chunking: async () => (await import('./chunking.ts')).runChunkingBench,
  fusion: async () => (await import('./fusion.ts')).runFusionBench,
  terms: async () => (await import('./terms.ts')).runTermsBench,
  scale: async () => (await import('./scale.ts')).runScaleBench,
};
const BY_DEFAULT = ['ingest', 'search', 'crawl'];

const USAGE = `npm run bench -- [${Object.keys(BENCHES).join(' | ')}]... [--json FILE] [options of a bench]

Without a name: ${BY_DEFAULT.join(', ')}. Prints a table and writes all figures as JSON, by default under .cache/bench/.`;

const { names, file, rest } = readArguments(process.argv.slice(2));
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0 || (names.length === 0 && rest.includes('--help'))) {
  console.log(unknown.length > 0 ? `no bench is called ${unknown.join(', ')}\n\n${USAGE}` : USAGE);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else await run(names.length > 0 ? names : BY_DEFAULT);

async function run(chosen: readonly string[]): Promise<void> {
  const { cores, cpu, memoryGb, node } = machine();
  console.log(`${cores} cores of ${cpu}, ${memoryGb} GiB, Node ${node}`);
  const reports: BenchReport[] = [];
  for (const name of chosen) {
    const bench = await BENCHES[name]?.();
    const report = await bench?.(rest);
    if (report === undefined) continue;
    printReport(report);
    reports.push(report);
    await writeReports(file, reports);
  }
  if (reports.length > 0) console.log(`\nwritten to ${file}`);
}

/** Names come first; what no name is and not `--json` belongs to the bench. */
function readArguments(args: readonly string[]) {
  const first = args.findIndex((arg) => arg.startsWith('-'));
  const names = first === -1 ? args : args.slice(0, first);
  const options = first === -1 ? [] : args.slice(first);
  const at = options.indexOf('--json');
  return {
    names,
    file: (at === -1 ? undefined : options[at + 1]) ?? defaultFile(),
    rest: at === -1 ? options : options.toSpliced(at, 2),
  };
}

function defaultFile(): string {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  return join(root, '.cache/bench', `${new Date().toISOString().replace(/[:.]/g, '-')}.json`);
}
