import type { RagClient } from '@xnai/contracts/client';
import { answerQueries } from '../answers.ts';
import type { EvalSet } from '../beir.ts';
import type { Ingested } from '../ingest-set.ts';
import { askManuals } from '../manuals.ts';
import { rankQueries } from '../rank.ts';
import type { Weight } from './list.ts';

/** A set whose documents are in a collection. */
export interface PutSet {
  readonly name: string;
  readonly collection: string;
  readonly set: EvalSet;
  readonly ingested: Ingested;
}

export interface Measured {
  /** By the name of the figure: the values of its questions, whose mean it is. Higher is better. */
  readonly figures: Readonly<Record<string, readonly number[]>>;
  /** All that search and answers gave, in the order asked. */
  readonly given: readonly string[];
}

/** Asks everything that a weight can change. */
export async function measureAll(
  client: RagClient,
  { manuals, sets }: { readonly manuals: string; readonly sets: readonly PutSet[] },
  of: Weight['of'],
): Promise<Measured> {
  const measured = [await measureManuals(client, manuals)];
  for (const put of sets) {
    if (of === 'search' && put.set.judgements.size > 0) measured.push(await measureRanking(client, put));
    if (put.set.queries.some(hasAnswers)) measured.push(await measureAnswers(client, put));
  }
  return {
    figures: Object.assign({}, ...measured.map(({ figures }) => figures)),
    given: measured.flatMap(({ given }) => given),
  };
}

async function measureManuals(client: RagClient, prefix: string): Promise<Measured> {
  const { howTo, git, named, plain } = (await askManuals(client, prefix)).outcomes;
  const judged = (values: readonly (boolean | undefined)[]) =>
    values.filter((value) => value !== undefined).map(Number);
  const refused = (outcomes: typeof howTo) => outcomes.map(({ mode }) => Number(mode === 'none'));
  const reciprocal = (outcomes: typeof howTo) =>
    outcomes.map(({ rank }) => (rank === undefined ? 0 : 1 / rank));
  return {
    figures: {
      'how-to MRR': reciprocal(howTo),
      'git MRR': reciprocal(git),
      'how-to facts': judged(howTo.map(({ isRight }) => isRight)),
      'how-to facts, full': judged(howTo.map(({ isRightInFull }) => isRightInFull)),
      'git facts': judged(git.map(({ isRight }) => isRight)),
      'how-to answered': howTo.map(({ mode }) => Number(mode !== 'none')),
      'named refused': refused(named),
      'plain refused': refused(plain),
    },
    given: [howTo, git, named, plain].flat().map(({ rank, answer, full }) => `${rank}\n${answer}\n${full}`),
  };
}

async function measureRanking(client: RagClient, { name, collection, set, ingested }: PutSet) {
  const { queries } = await rankQueries(client, collection, set, ingested);
  return {
    figures: { [`${name} nDCG@10`]: queries.map(({ ndcg10 }) => ndcg10) },
    given: queries.map(({ top }) => top.join(' ')),
  };
}

/** More would not fit the time of all weights. */
const MOST_ANSWERS = 400;

async function measureAnswers(client: RagClient, { name, collection, set }: PutSet): Promise<Measured> {
  const asked = set.queries.filter(hasAnswers);
  const step = Math.ceil(asked.length / MOST_ANSWERS);
  const sample = asked.filter((_, at) => at % step === 0);
  const { outcomes } = await answerQueries(client, collection, sample);
  const possible = outcomes.filter(({ isImpossible }) => !isImpossible);
  const impossible = outcomes.filter(({ isImpossible }) => isImpossible);
  return {
    figures: {
      [`${name} right`]: possible.map(({ isRight }) => Number(isRight)),
      [`${name} none`]: impossible.map(({ mode }) => Number(mode === 'none')),
    },
    given: outcomes.map(({ answer }) => answer),
  };
}

function hasAnswers({ answers, isImpossible }: EvalSet['queries'][number]): boolean {
  return isImpossible || answers.length > 0;
}
