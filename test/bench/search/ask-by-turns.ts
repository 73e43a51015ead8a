import { middleOf, quantile, type Row } from '../report.ts';
import type { RagProcess } from '../support/rag-process.ts';
import { COLLECTION } from './fill.ts';

/** Asked of one service, then of the other, so that both see the same machine. */
const TURN = 30;
/** Of f3d0f6f, which the aims are ratios to. */
const AIMED_RATIO: Readonly<Record<number, number>> = { 100000: 0.55, 300000: 0.35 };

interface Times {
  readonly search: number[];
  readonly query: number[];
}

interface Round {
  readonly ours: Times;
  readonly theirs: Times;
}

export interface ByTurns {
  readonly rag: RagProcess;
  readonly other: RagProcess | undefined;
  readonly questions: readonly string[];
  readonly rounds: number;
}

/** One client that asks one question after the other, after a round that is not counted. */
export async function askByTurns(options: ByTurns) {
  await askRound({ ...options, questions: options.questions.slice(0, TURN) });
  const raw: Round[] = [];
  for (let round = 0; round < options.rounds; round++) raw.push(await askRound(options));
  return {
    raw,
    rows: (chunks: number) => [...rowsOf('search', raw, chunks), ...rowsOf('query', raw)],
  };
}

async function askRound({ rag, other, questions }: ByTurns): Promise<Round> {
  const round: Round = { ours: { search: [], query: [] }, theirs: { search: [], query: [] } };
  for (let from = 0; from < questions.length; from += TURN) {
    const turn = questions.slice(from, from + TURN);
    await askTurn(rag, turn, round.ours);
    if (other !== undefined) await askTurn(other, turn, round.theirs);
  }
  return round;
}

async function askTurn({ client }: RagProcess, questions: readonly string[], times: Times): Promise<void> {
  for (const query of questions)
    times.search.push(await timeOf(() => client.search({ query, collection: COLLECTION })));
  for (const query of questions)
    times.query.push(await timeOf(() => client.query({ query, collection: COLLECTION })));
}

async function timeOf(ask: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await ask();
  return performance.now() - startedMs;
}

function rowsOf(kind: keyof Times, rounds: readonly Round[], chunks = 0): Row[] {
  const what = kind === 'query' ? 'query (extractive)' : kind;
  const at = (share: number) => rounds.map(({ ours }) => quantile(ours[kind], share));
  const ratios = (share: number) =>
    rounds.map(({ ours, theirs }) => quantile(ours[kind], share) / quantile(theirs[kind], share));
  const rows: Row[] = [
    middleOf(`${what}, p50`, at(0.5), 'ms'),
    middleOf(`${what}, p95`, at(0.95), 'ms', kind === 'search' && chunks <= 10_000 ? { atMost: 40 } : {}),
  ];
  if (rounds.every(({ theirs }) => theirs[kind].length === 0)) return rows;
  const aim = AIMED_RATIO[chunks];
  return [
    ...rows,
    middleOf(`${what}, p50 to the other`, ratios(0.5), 'times'),
    middleOf(`${what}, p95 to the other`, ratios(0.95), 'times', aim === undefined ? {} : { atMost: aim }),
  ];
}
