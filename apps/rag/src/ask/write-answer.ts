import type { Usage } from '@xnai/contracts';
import type { AskOptions } from './ask-options.ts';
import { generateAnswer } from './generative/generate.ts';
import type { Judgement } from './judge/judge.ts';
import type { Plan } from './plan.ts';
import { type Material, sourcesOf, type Written, writeExtract, writeNone } from './write-quotes.ts';

/** Carries out a plan. */
export async function writeAnswer(plan: Plan, material: Material, options: AskOptions): Promise<Written> {
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
