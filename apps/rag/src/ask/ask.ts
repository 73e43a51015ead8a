import type { Citation, DegradedToken, QueryRequest, QueryResponse, Usage } from '@xnai/contracts';
import type { Generator } from '@xnai/inference';
import type { RetrievedChunk } from '../retrieve/retrieve.ts';
import { roundMs } from '../round-ms.ts';
import type { AskOptions } from './ask-options.ts';
import { citationOfChunk } from './citations.ts';
import type { Extracted } from './extractive/extract.ts';
import { readQuestion } from './extractive/question.ts';
import { type FindDeps, findCandidates } from './find-candidates.ts';
import { resolveQuestion } from './follow-up/resolve-question.ts';
import { type Generated, generateAnswer } from './generative/generate.ts';
import type { Judge, Judgement } from './judge/judge.ts';
import type { Extractor } from './open-extractor.ts';
import { type Plan, planAnswer, requireModel } from './plan.ts';

export type { AskListener, AskOptions } from './ask-options.ts';

export interface AskDeps extends FindDeps {
  readonly generator: Generator;
  readonly judge: Judge;
  readonly extractor: Pick<Extractor, 'extract'>;
  /** The share of its usual sources and words that an answer may take now, from 0 to 1; 1 by default. */
  readonly budget?: (() => number) | undefined;
  /** A monotonic clock in milliseconds. */
  readonly nowMs?: (() => number) | undefined;
}

/** @throws {ModelError} MODEL_NOT_READY for mode `generative` without a model; whatever store and retrieval throw */
export type Ask = (request: QueryRequest, options?: AskOptions) => Promise<QueryResponse>;

/** Question in, cited answer out: say a follow-up in full, find candidates, plan, then generate, extract or answer that nothing was found. */
export function createAsk(deps: AskDeps): Ask {
  const { nowMs = () => performance.now(), budget = () => 1 } = deps;
  return async (asked, options = {}) => {
    const startedMs = nowMs();
    const model = deps.generator.state();
    requireModel(asked.mode, model);
    const request = { ...asked, query: await resolve(asked, deps.generator, options) };
    const question = readQuestion(request.query);
    const found = await findCandidates(deps, question, request, options);
    const foundMs = nowMs();
    const { near, searched, retrieval } = found.retrieved;
    const { query, quotes } = request;
    const { statistics } = found;
    const extract = (chunks: readonly RetrievedChunk[]) =>
      deps.extractor.extract({ query, near, chunks, statistics, quotes }, { signal: options.signal });
    const extracted = await extract(found.candidates);
    const hasEvidence = extracted.citations.length > 0;
    const plan = planAnswer({ mode: request.mode, model: model.status, hasEvidence, budget: budget() });
    const written = await writeAnswer(plan, { ...deps, request, extract, extracted, searched }, options);
    const endedMs = nowMs();
    return {
      ...written.body,
      ...searchedOf(asked, request, searched),
      retrieval,
      timings: {
        retrieval_ms: roundMs(foundMs - startedMs),
        answer_ms: roundMs(endedMs - foundMs),
        total_ms: roundMs(endedMs - startedMs),
        ...written.timings,
      },
      degraded: [...new Set([...found.retrieved.degraded, ...written.degraded])],
    };
  };
}

function searchedOf(asked: QueryRequest, resolved: QueryRequest, corrected: string | undefined) {
  const searched = corrected ?? resolved.query;
  return searched === asked.query ? {} : { searched };
}

function resolve({ query, mode }: QueryRequest, generator: Generator, options: AskOptions): Promise<string> {
  const { before = [] } = options;
  const writer = mode === 'extractive' ? undefined : generator;
  return resolveQuestion({ question: query, turns: before, generator: writer }, options);
}

interface Written {
  readonly body: Pick<QueryResponse, 'answer' | 'mode' | 'citations' | 'usage'> &
    Partial<Pick<QueryResponse, 'finish_reason' | 'unsupported' | 'missing' | 'nearest'>>;
  readonly timings?: Generated['timings'];
  readonly degraded: readonly DegradedToken[];
}

interface Material extends Pick<AskDeps, 'generator' | 'judge'> {
  readonly request: QueryRequest;
  readonly extract: (chunks: readonly RetrievedChunk[]) => Promise<Extracted>;
  readonly extracted: Extracted;
  readonly searched: string | undefined;
}

async function writeAnswer(plan: Plan, material: Material, options: AskOptions): Promise<Written> {
  switch (plan.kind) {
    case 'none':
      return writeNone(material, options);
    case 'extract':
      return { ...(await writeExtract(material, options)), degraded: plan.degraded };
    case 'generate':
      return writeGenerated(plan, material, options);
    default:
      return plan satisfies never;
  }
}

/** The model judges first which sources state an answer; where none does, nothing is written. */
async function writeGenerated(
  plan: Extract<Plan, { kind: 'generate' }>,
  material: Material,
  options: AskOptions,
): Promise<Written> {
  const { judge, request, extracted } = material;
  const judgement = await judge.judge(request.query, sourcesOf(material), options);
  const written =
    judgement.chunks.length === 0
      ? await writeNone({ ...material, extracted: { ...extracted, nearest: extracted.citations } }, options)
      : await writeJudged(plan, { ...material, ...(await onlyJudged(material, judgement)) }, options);
  return {
    ...written,
    body: { ...written.body, usage: withJudgement(written.body.usage, judgement) },
    degraded: [...written.degraded, ...(judgement.isDegraded ? ['judge' as const] : [])],
  };
}

/** Quotes, too, come from what was judged to state the answer, as long as there are any. */
async function onlyJudged(
  { extract, extracted }: Material,
  { chunks, promptTokens }: Judgement,
): Promise<Pick<Material, 'extracted'>> {
  if (promptTokens === 0) return { extracted };
  const again = await extract(chunks);
  return { extracted: { ...(again.citations.length > 0 ? again : extracted), ranking: chunks } };
}

function withJudgement(usage: Usage, { promptTokens, cachedTokens }: Judgement): Usage {
  if (promptTokens === 0) return usage;
  return {
    ...usage,
    prompt_tokens: usage.prompt_tokens + promptTokens,
    total_tokens: usage.total_tokens + promptTokens,
    cached_tokens: (usage.cached_tokens ?? 0) + cachedTokens,
  };
}

/** Where the model fails before a word was shown, or no source supports its words, quotes take their place. */
async function writeJudged(
  { budget, degraded }: Extract<Plan, { kind: 'generate' }>,
  material: Material,
  options: AskOptions,
): Promise<Written> {
  const work = { request: material.request, chunks: sourcesOf(material), budget };
  const generated = await generateAnswer(material.generator, work, options);
  if (generated === undefined) {
    return { ...(await writeExtract(material, options)), degraded: ['model', ...degraded] };
  }
  const { body, usage, timings } = generated;
  if (body === undefined) {
    const extract = await writeExtract(material, options);
    return {
      body: { ...extract.body, usage },
      timings,
      degraded: ['unsupported-answer', ...degraded],
    };
  }
  return { body: { ...body, usage }, timings, degraded: [...generated.degraded, ...degraded] };
}

function sourcesOf({ extracted, request }: Material): readonly RetrievedChunk[] {
  return extracted.ranking.slice(0, request.top_k);
}

const NO_USAGE = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** Says what was not found, and offers what comes nearest. */
async function writeNone({ extracted, request }: Material, { listener }: AskOptions): Promise<Written> {
  const { missing, nearest } = extracted;
  const answer = noneText(request.collection, missing);
  await listener?.sources([]);
  await listener?.token(answer);
  return {
    body: {
      answer,
      mode: 'none',
      citations: [],
      ...(missing.length > 0 && { missing: [...missing] }),
      ...(nearest.length > 0 && { nearest: [...nearest] }),
      usage: NO_USAGE,
    },
    degraded: [],
  };
}

function noneText(collection: string, missing: readonly string[]): string {
  if (missing.length === 0) return `Nothing in the collection "${collection}" answers this question.`;
  const things = missing.map((name) => `"${name}"`).join(' or ');
  return `Nothing that was found in the collection "${collection}" mentions ${things}.`;
}

/** The chunks that are quoted come first, so that a number means the same in the sources and in the answer. */
async function writeExtract(material: Material, { listener }: AskOptions): Promise<Written> {
  const { citations } = material.extracted;
  const answer = saying(material.searched) + material.extracted.answer;
  await listener?.sources([...citations, ...uncited(sourcesOf(material), citations)]);
  for (const text of answer.match(/\S+\s*/g) ?? []) await listener?.token(text);
  return { body: { answer, mode: 'extractive', citations: [...citations], usage: NO_USAGE }, degraded: [] };
}

/** A word that was taken for another is named, so that nobody takes the answer for one about the word itself. */
function saying(searched: string | undefined): string {
  return searched === undefined ? '' : `Showing results for "${searched}".\n\n`;
}

function uncited(chunks: readonly RetrievedChunk[], citations: readonly Citation[]): Citation[] {
  const cited = new Set(citations.map(({ chunk_id }) => chunk_id));
  return chunks
    .map((found) => citationOfChunk(found, 0))
    .filter(({ chunk_id }) => !cited.has(chunk_id))
    .map((citation, position) => ({ ...citation, index: citations.length + position + 1 }));
}
