import type { Usage as OwnUsage } from '@xnai/contracts';
import type { GenerateEvent } from '@xnai/inference';

export type Done = Extract<GenerateEvent, { type: 'done' }>;

export function toUsage({ usage }: Done) {
  const { promptTokens, completionTokens, cachedTokens } = usage;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

export function fromOwnUsage({ cached_tokens: cached, ...usage }: OwnUsage) {
  return { ...usage, prompt_tokens_details: { cached_tokens: cached ?? 0 } };
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
