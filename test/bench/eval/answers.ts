import type { QueryResponse } from '@xnai/contracts';
import type { RagClient } from '@xnai/contracts/client';
import { inParallel } from '../support/in-parallel.ts';
import type { EvalQuery } from './beir.ts';
import { clipQuery } from './clip-query.ts';
import { mean } from './metrics.ts';

export interface AnswerOutcome {
  readonly query: string;
  readonly mode: QueryResponse['mode'];
  readonly isImpossible: boolean;
  /** Undefined where the set names no answers. */
  readonly isRight: boolean | undefined;
  readonly chars: number;
  readonly answer: string;
  readonly degraded: QueryResponse['degraded'];
}

export interface AnswerReport {
  readonly outcomes: readonly AnswerOutcome[];
  /** Of the questions with answers: the share whose answer contains one of them. */
  readonly right: number;
  readonly answerable: number;
  /** Of the same: the share that got no answer. */
  readonly refused: number;
  /** Mean length in characters of the answers given to them, marks left out. */
  readonly meanChars: number;
  /** Of the questions marked impossible: the share that got no answer. */
  readonly none: number;
  readonly impossible: number;
  /** Number of answers that went without each thing. */
  readonly degraded: Readonly<Record<string, number>>;
}

const PARALLEL = 4;

/** Asks each question that names answers or is marked impossible. */
export async function answerQueries(
  client: RagClient,
  collection: string,
  queries: readonly EvalQuery[],
): Promise<AnswerReport> {
  const asked = queries.filter(
    ({ answers, isImpossible, text }) => text.trim() !== '' && (isImpossible || answers.length > 0),
  );
  const outcomes = await inParallel(asked, PARALLEL, async (query) =>
    toOutcome(query, await client.query({ query: clipQuery(query.text), collection })),
  );
  const possible = outcomes.filter(({ isImpossible }) => !isImpossible);
  const impossible = outcomes.filter(({ isImpossible }) => isImpossible);
  const given = possible.filter(({ mode }) => mode !== 'none');
  return {
    outcomes,
    right: mean(possible.map(({ isRight }) => (isRight ? 1 : 0))),
    answerable: possible.length,
    refused: mean(possible.map(({ mode }) => (mode === 'none' ? 1 : 0))),
    meanChars: mean(given.map(({ chars }) => chars)),
    none: mean(impossible.map(({ mode }) => (mode === 'none' ? 1 : 0))),
    impossible: impossible.length,
    degraded: countAll(outcomes.flatMap(({ degraded }) => degraded)),
  };
}

function toOutcome(
  { id, answers, isImpossible }: EvalQuery,
  { mode, answer, degraded }: QueryResponse,
): AnswerOutcome {
  const text = mode === 'none' ? '' : answer.replace(/\s*\[\d+\]/g, '');
  return {
    query: id,
    mode,
    isImpossible,
    isRight: isImpossible ? undefined : contains(text, answers),
    chars: text.length,
    answer,
    degraded,
  };
}

function countAll(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]),
  );
}

/** Case, white space, and the shapes of quotes and dashes do not count. */
export function contains(text: string, answers: readonly string[]): boolean {
  const plain = plainOf(text);
  return answers.some((answer) => plainOf(answer) !== '' && plain.includes(plainOf(answer)));
}

function plainOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‘’`´]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[‐-―−]/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
}
