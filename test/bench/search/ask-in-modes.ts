import type { RetrievalMode } from '@xnai/contracts';
import { middleOf, quantile, type Row } from '../report.ts';
import type { RagProcess } from '../support/rag-process.ts';
import { COLLECTION } from './fill.ts';

const MODES = ['lexical', 'dense', 'hybrid'] as const satisfies readonly RetrievalMode[];
/** The longest that 95 of 100 hybrid searches may take, by the number of chunks up to which it holds. */
const HYBRID_P95_MS = [
  { chunks: 12_000, atMost: 25 },
  { chunks: 120_000, atMost: 60 },
];

export interface InModes {
  readonly rag: RagProcess;
  readonly questions: readonly string[];
  readonly rounds: number;
}

type Times = Readonly<Record<(typeof MODES)[number], number[]>>;

/** One client that asks each question by words, by vectors and by both, after a round that is not counted. */
export async function askInModes(options: InModes) {
  await askRound({ ...options, questions: options.questions.slice(0, 30) });
  const raw: Times[] = [];
  for (let round = 0; round < options.rounds; round++) raw.push(await askRound(options));
  const rows = (chunks: number) => MODES.flatMap((mode) => rowsOf(mode, raw, chunks));
  return { raw, rows };
}

async function askRound({ rag, questions }: InModes): Promise<Times> {
  const times: Times = { lexical: [], dense: [], hybrid: [] };
  for (const query of questions) {
    for (const mode of MODES) {
      const startedMs = performance.now();
      await rag.client.search({ query, collection: COLLECTION, mode });
      times[mode].push(performance.now() - startedMs);
    }
  }
  return times;
}

function rowsOf(mode: keyof Times, rounds: readonly Times[], chunks: number): Row[] {
  const at = (share: number) => rounds.map((times) => quantile(times[mode], share));
  const aim = mode === 'hybrid' ? HYBRID_P95_MS.find((known) => chunks <= known.chunks) : undefined;
  return [
    middleOf(`${mode}, p50`, at(0.5), 'ms'),
    middleOf(`${mode}, p95`, at(0.95), 'ms', aim === undefined ? {} : { atMost: aim.atMost }),
  ];
}
