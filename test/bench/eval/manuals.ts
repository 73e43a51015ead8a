import type { QueryResponse, QuoteLength } from '@xnai/contracts';
import type { RagClient } from '@xnai/contracts/client';
import questions from '../sets/manuals/questions.json' with { type: 'json' };
import { inParallel } from '../support/in-parallel.ts';
import type { ManualPage } from './manual-packages.ts';
import { mean } from './metrics.ts';

/** A question and what came of it. */
export interface ManualOutcome {
  readonly id: string;
  readonly question: string;
  /** Rank of the first page that answers, among the pages found; undefined where none was, or none is judged. */
  readonly rank?: number | undefined;
  readonly mode: QueryResponse['mode'];
  /** Undefined where the set names no fact. */
  readonly isRight?: boolean | undefined;
  readonly answer: string;
  /** The answer with `quotes: full`; only where the set names a fact. */
  readonly full?: string | undefined;
  readonly isRightInFull?: boolean | undefined;
}

/** Shares are of all questions of their kind. */
export interface ManualReport {
  /** Mean reciprocal rank of the page that answers. */
  readonly howToMrr: number;
  readonly gitMrr: number;
  /** Answers that hold the fact. */
  readonly howToFacts: number;
  readonly gitFacts: number;
  /** The same with `quotes: full`. */
  readonly howToFactsInFull: number;
  readonly gitFactsInFull: number;
  /** How-to questions that got no answer, although a page answers. */
  readonly falselyRefused: number;
  /** Numbers of questions without an answer in the manuals that got none. */
  readonly namedRefused: number;
  readonly plainRefused: number;
  /** Mean length of the answers to how-to questions, in characters. */
  readonly meanChars: number;
  readonly meanCharsInFull: number;
  readonly outcomes: Readonly<Record<keyof typeof ASKED_OVER, readonly ManualOutcome[]>>;
}

/** The collections hold all manuals, and git-doc alone. */
const ASKED_OVER = { howTo: 'manuals', git: 'git', named: 'manuals', plain: 'manuals' } as const;
const PARALLEL = 4;
/** The most chunks that one search returns. */
const MAX_CHUNKS = 100;

interface ManualQuestion {
  readonly id: string;
  readonly question: string;
  readonly page?: readonly string[];
  readonly fact?: string;
}

/** Puts the pages as HTML, with their path as URL; returns the number of chunks of all manuals. */
export async function ingestManuals(
  client: RagClient,
  prefix: string,
  pages: readonly ManualPage[],
): Promise<number> {
  const put = async (collection: string, { path, html }: ManualPage) => {
    const url = `https://manuals.example/${path}`;
    const id = path.replaceAll('/', ':');
    const body = { content: html, content_type: 'text/html', url } as const;
    return (await client.putDocument(`${prefix}-${collection}`, id, body)).chunks;
  };
  const chunks = await inParallel(pages, PARALLEL, (page) => put('manuals', page));
  const git = pages.filter((page) => page.package === 'git-doc');
  await inParallel(git, PARALLEL, (page) => put('git', page));
  return chunks.reduce((sum, count) => sum + count, 0);
}

export async function deleteManuals(client: RagClient, prefix: string): Promise<void> {
  for (const collection of new Set(Object.values(ASKED_OVER)))
    await client.deleteCollection(`${prefix}-${collection}`);
}

/** Asks all questions of the set in the collections that {@link ingestManuals} made. */
export async function askManuals(client: RagClient, prefix: string): Promise<ManualReport> {
  const ask = (kind: keyof typeof ASKED_OVER) =>
    inParallel<ManualQuestion, ManualOutcome>(questions[kind], PARALLEL, (question) =>
      askOne(client, `${prefix}-${ASKED_OVER[kind]}`, question),
    );
  const outcomes = {
    howTo: await ask('howTo'),
    git: await ask('git'),
    named: await ask('named'),
    plain: await ask('plain'),
  };
  const { howTo, git, named, plain } = outcomes;
  const answered = howTo.filter(({ mode }) => mode !== 'none');
  return {
    howToMrr: reciprocalRank(howTo),
    gitMrr: reciprocalRank(git),
    howToFacts: shareOf(howTo.map(({ isRight }) => isRight)),
    gitFacts: shareOf(git.map(({ isRight }) => isRight)),
    howToFactsInFull: shareOf(howTo.map(({ isRightInFull }) => isRightInFull)),
    gitFactsInFull: shareOf(git.map(({ isRightInFull }) => isRightInFull)),
    falselyRefused: refusedOf(howTo) / howTo.length,
    namedRefused: refusedOf(named),
    plainRefused: refusedOf(plain),
    meanChars: mean(answered.map(({ answer }) => answer.length)),
    meanCharsInFull: mean(answered.map(({ full = '' }) => full.length)),
    outcomes,
  };
}

async function askOne(
  client: RagClient,
  collection: string,
  { id, question, page, fact }: ManualQuestion,
): Promise<ManualOutcome> {
  const ask = (quotes: QuoteLength) => client.query({ query: question, collection, quotes });
  const rank = page && (await rankOf(client, { query: question, collection }, page));
  const { mode, answer } = await ask('short');
  if (fact === undefined) return { id, question, rank, mode, answer };
  const isIn = (text: string) => mode !== 'none' && new RegExp(fact).test(text);
  const { answer: full } = await ask('full');
  return { id, question, rank, mode, isRight: isIn(answer), answer, isRightInFull: isIn(full), full };
}

async function rankOf(
  client: RagClient,
  request: { readonly query: string; readonly collection: string },
  page: readonly string[],
): Promise<number | undefined> {
  const { results } = await client.search({ ...request, top_k: MAX_CHUNKS });
  const urls = [...new Set(results.map(({ url }) => url ?? ''))];
  const at = urls.findIndex((url) => page.some((pattern) => new RegExp(pattern).test(url)));
  return at === -1 ? undefined : at + 1;
}

function reciprocalRank(outcomes: readonly ManualOutcome[]): number {
  return mean(outcomes.map(({ rank }) => (rank === undefined ? 0 : 1 / rank)));
}

/** Of those that are judged. */
function shareOf(verdicts: readonly (boolean | undefined)[]): number {
  return mean(verdicts.flatMap((isRight) => (isRight === undefined ? [] : [isRight ? 1 : 0])));
}

function refusedOf(outcomes: readonly ManualOutcome[]): number {
  return outcomes.filter(({ mode }) => mode === 'none').length;
}
