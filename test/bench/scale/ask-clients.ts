import type { RetrievalMode } from '@xnai/contracts';
import { middleOf, quantile, type Row } from '../report.ts';
import { COLLECTION } from '../search/fill.ts';
import { inParallel } from '../support/in-parallel.ts';
import type { RagProcess } from '../support/rag-process.ts';
import type { Engine, EngineName } from './engine.ts';

const MODES = ['lexical', 'dense', 'hybrid'] as const satisfies readonly RetrievalMode[];
type Mode = (typeof MODES)[number];
/** At 100,000 chunks, the p95 of PostgreSQL by that of SQLite; each client of one has a core of its own there at best. */
const HYBRID_RATIO = { atMost: 0.5 };
const AIMED_CLIENTS = 1;

export interface Asked {
  readonly engines: readonly Engine[];
  readonly questions: readonly string[];
  readonly clients: readonly number[];
  readonly rounds: number;
}

interface Sample {
  readonly mode: Mode;
  readonly clients: number;
  readonly round: number;
  readonly engine: EngineName;
  readonly tookMs: readonly number[];
  readonly perSecond: number;
  /** Processor time of one search, of rag and of the server together. */
  readonly cpuMs: number;
}

/** All questions by words, by vectors and by both, of one client and of several, of each engine by turns. */
export async function askClients({ engines, questions, clients, rounds }: Asked) {
  const raw: Sample[] = [];
  for (const mode of MODES) {
    for (const engine of engines)
      await askAll(engine, { mode, questions: questions.slice(0, 30), clients: 1 });
    for (let round = 0; round < rounds; round++) {
      for (const count of clients) {
        for (const engine of engines) {
          const asked = await askAll(engine, { mode, questions, clients: count });
          raw.push({ mode, clients: count, round, engine: engine.name, ...asked });
        }
      }
    }
  }
  return { raw, rows: MODES.flatMap((mode) => clients.flatMap((count) => rowsOf(raw, mode, count))) };
}

interface Ask {
  readonly mode: RetrievalMode;
  readonly questions: readonly string[];
  readonly clients: number;
  /** Default: the one of the engine. Questions go to each in turn. */
  readonly rags?: readonly RagProcess[];
}

export async function askAll(
  engine: Pick<Engine, 'rag' | 'cpuMs'>,
  { mode, questions, clients, rags = [engine.rag] }: Ask,
) {
  const tookMs: number[] = [];
  const before = await engine.cpuMs();
  const startedMs = performance.now();
  await inParallel(questions, clients, async (query, index) => {
    const askedMs = performance.now();
    await rags[index % rags.length]?.client.search({ query, collection: COLLECTION, mode });
    tookMs.push(performance.now() - askedMs);
  });
  const allMs = performance.now() - startedMs;
  const after = await engine.cpuMs();
  const cpuMs = (after.rag - before.rag + after.server - before.server) / questions.length;
  return { tookMs, perSecond: (questions.length / allMs) * 1000, cpuMs };
}

function rowsOf(raw: readonly Sample[], mode: Mode, clients: number): Row[] {
  const of = (engine: EngineName) =>
    raw.filter((one) => one.mode === mode && one.clients === clients && one.engine === engine);
  const file = of('SQLite');
  const servers = [of('PostgreSQL'), of('PostgreSQL with pg_textsearch')].filter((one) => one.length > 0);
  const what = `${mode}, ${clients === 1 ? 'one client' : `${clients} clients`}`;
  const p95 = (one: Sample | undefined) => quantile(one?.tookMs ?? [], 0.95);
  const aim = mode === 'hybrid' && clients === AIMED_CLIENTS ? HYBRID_RATIO : {};
  return [
    ...[file, ...servers].flatMap((samples) => timesOf(what, samples)),
    ...servers.map((server) =>
      middleOf(
        `${what}: p95 of ${server[0]?.engine} to SQLite's`,
        server.map((sample, round) => p95(sample) / p95(file[round])),
        'times',
        aim,
      ),
    ),
  ];
}

function timesOf(what: string, samples: readonly Sample[]): Row[] {
  const name = `${what}: ${samples[0]?.engine}`;
  const at = (share: number) => samples.map(({ tookMs }) => quantile(tookMs, share));
  return [
    middleOf(`${name}, p50`, at(0.5), 'ms'),
    middleOf(`${name}, p95`, at(0.95), 'ms'),
    middleOf(
      `${name}, searches`,
      samples.map(({ perSecond }) => perSecond),
      '1/s',
    ),
    middleOf(
      `${name}, processor time`,
      samples.map(({ cpuMs }) => cpuMs),
      'ms',
    ),
  ];
}
