import type { RetrievalMode } from '@xnai/contracts';
import { middleOf, type Row } from '../report.ts';
import { inParallel } from '../support/in-parallel.ts';
import type { RagProcess } from '../support/rag-process.ts';
import { cpuOf } from '../support/service-process.ts';
import { COLLECTION } from './fill.ts';
import { loopDelayMs, readFigures } from './read-figures.ts';

export interface AtOnce {
  readonly rag: RagProcess;
  readonly questions: readonly string[];
  readonly clients: number;
  readonly rounds: number;
  /** Default: by words. */
  readonly mode?: RetrievalMode;
}

interface Round {
  readonly perSecond: number;
  /** Processor time of rag and of the clients for each search. */
  readonly ragMs: number;
  readonly clientMs: number;
  readonly delayMs: number;
}

/** One client and several by turns. With enough cores several have as many times its rate as there are threads that search. */
export async function askAtOnce(options: AtOnce) {
  const { clients, rounds } = options;
  const raw: { readonly one: Round; readonly several: Round }[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = await askRound(options, 1);
    raw.push({ one, several: await askRound(options, clients) });
  }
  const rows: Row[] = [
    middleOf(
      'searches a second, one client',
      raw.map(({ one }) => one.perSecond),
      '1/s',
    ),
    middleOf(
      `${clients} clients to one`,
      raw.map(({ one, several }) => several.perSecond / one.perSecond),
      'times',
      { atLeast: 1.8 },
    ),
    middleOf(
      'processor time of rag, one client',
      raw.map(({ one }) => one.ragMs),
      'ms',
    ),
    middleOf(
      `processor time of rag, ${clients} clients`,
      raw.map(({ several }) => several.ragMs),
      'ms',
    ),
    middleOf(
      'processor time of a client',
      raw.map(({ several }) => several.clientMs),
      'ms',
    ),
    middleOf(
      `event loop, p99, ${clients} clients`,
      raw.map(({ several }) => several.delayMs),
      'ms',
      {
        atMost: 20,
      },
    ),
  ];
  return { raw, rows };
}

async function askRound({ rag, questions, mode = 'lexical' }: AtOnce, clients: number): Promise<Round> {
  // The delay is that since the last look.
  await readFigures(rag);
  const before = { atMs: performance.now(), ragMs: await cpuOf(rag.pid), own: process.cpuUsage() };
  await inParallel(questions, clients, (query) => rag.client.search({ query, collection: COLLECTION, mode }));
  const tookMs = performance.now() - before.atMs;
  const own = process.cpuUsage(before.own);
  return {
    perSecond: (questions.length / tookMs) * 1000,
    ragMs: ((await cpuOf(rag.pid)) - before.ragMs) / questions.length,
    clientMs: (own.user + own.system) / 1000 / questions.length,
    delayMs: loopDelayMs(await readFigures(rag)),
  };
}
