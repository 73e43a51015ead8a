import type { FinishedReply, ModelReply } from './child/messages.ts';
import type { GenerateTimings } from './model.ts';
import type { ModelMetrics } from './model-metrics.ts';
import type { ServiceRates } from './queue/service-rates.ts';

export type CallAccount = ReturnType<typeof createCallAccount>;

type PhaseTimes = Pick<FinishedReply, 'promptMs' | 'predictedMs'>;

export interface CallAccountOptions {
  readonly metrics: ModelMetrics;
  readonly rates: ServiceRates;
  readonly promptCharacters: number;
  /** By `performance.now()`. */
  readonly calledAtMs: number;
  readonly queueMs: number;
}

/** Accounts a call by the replies of the process, independently of how fast the client reads and when it leaves. */
export function createCallAccount(options: CallAccountOptions) {
  const { metrics, rates, promptCharacters, calledAtMs, queueMs } = options;
  let promptTokens = 0;
  let cachedTokens = 0;
  let tokens = 0;
  let firstAtMs: number | undefined;

  function timingsOf(times: PhaseTimes): GenerateTimings {
    const { promptMs, predictedMs } = times;
    return { queueMs, promptMs, predictedMs, firstTokenMs: (firstAtMs ?? performance.now()) - calledAtMs };
  }

  function finish(reply: FinishedReply): void {
    const { promptMs, predictedMs, usage } = reply;
    const isCut = reply.finish === 'length';
    rates.observe({ promptCharacters, promptMs, predictedMs, tokens: usage.completionTokens, isCut });
    metrics.answered(usage, timingsOf(reply));
    metrics.drafted(reply.drafts);
  }

  function breakOff(): void {
    if (firstAtMs === undefined) return;
    const spent = { promptMs: firstAtMs - calledAtMs - queueMs, predictedMs: performance.now() - firstAtMs };
    metrics.answered({ promptTokens, cachedTokens, completionTokens: tokens }, timingsOf(spent));
  }

  return {
    timingsOf,
    note(reply: ModelReply): void {
      if (reply.kind === 'started') ({ promptTokens, cachedTokens } = reply);
      else if (reply.kind === 'text') {
        firstAtMs ??= performance.now();
        tokens += reply.tokens;
      } else if (reply.kind === 'finished') finish(reply);
      else if (reply.kind !== 'progress') breakOff();
    },
  };
}
