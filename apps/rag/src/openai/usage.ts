import type { Usage as OwnUsage } from '@xnai/contracts';
import type { GenerateEvent } from '@xnai/inference';

export type Done = Extract<GenerateEvent, { type: 'done' }>;

/** Of one answer, or of several in one request. */
export function toUsage(ends: readonly Done[]) {
  const sum = (count: (usage: Done['usage']) => number) =>
    ends.reduce((all, { usage }) => all + count(usage), 0);
  const promptTokens = sum((usage) => usage.promptTokens);
  const completionTokens = sum((usage) => usage.completionTokens);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: sum((usage) => usage.cachedTokens) },
    completion_tokens_details: { reasoning_tokens: sum((usage) => usage.thoughtTokens) },
  };
}

/** Answers from the index are written without a thought. */
export function fromOwnUsage({ cached_tokens: cached, ...usage }: OwnUsage) {
  return {
    ...usage,
    prompt_tokens_details: { cached_tokens: cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

/** As llama-server gives them; tools read these. */
export function toTimings({ usage, timings }: Done) {
  const evaluated = usage.promptTokens - usage.cachedTokens;
  return {
    cache_n: usage.cachedTokens,
    prompt_n: evaluated,
    prompt_ms: timings.promptMs,
    prompt_per_second: perSecond(evaluated, timings.promptMs),
    predicted_n: usage.completionTokens,
    predicted_ms: timings.predictedMs,
    predicted_per_second: perSecond(Math.max(0, usage.completionTokens - 1), timings.predictedMs),
    queue_ms: timings.queueMs,
  };
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? (count * 1000) / ms : 0;
}
