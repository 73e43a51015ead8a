import type { ServiceRates } from './admission/service-rates.ts';
import type { ModelReply } from './child/messages.ts';
import type { GenerateTimings } from './model.ts';
import type { ModelMetrics } from './model-metrics.ts';

export interface CallAccount {
  note(reply: ModelReply): void;
  timingsOf(reply: Pick<Finished, 'promptMs' | 'predictedMs'>): GenerateTimings;
}

export interface CallAccountDeps {
  readonly metrics: ModelMetrics;
  readonly rates: ServiceRates;
  readonly promptCharacters: number;
  /** By `performance.now()`. */
  readonly calledAt: number;
  readonly queueMs: number;
}

type Finished = Extract<ModelReply, { kind: 'finished' }>;

/** Accounts a call by the replies of the process, independently of how fast the client reads and when it leaves. */
export function createCallAccount({
  metrics,
  rates,
  promptCharacters,
  calledAt,
  queueMs,
}: CallAccountDeps): CallAccount {
  let promptTokens = 0;
  let cachedTokens = 0;
  let tokens = 0;
  let firstAt: number | undefined;

  function timingsOf({ promptMs, predictedMs }: Pick<Finished, 'promptMs' | 'predictedMs'>): GenerateTimings {
    const firstTokenMs = (firstAt ?? performance.now()) - calledAt;
    return { queueMs, promptMs, predictedMs, firstTokenMs };
  }

  function finish(reply: Finished): void {
    const { promptMs, predictedMs, usage, finish } = reply;
    const { completionTokens } = usage;
    const isCut = finish === 'length';
    rates.observe({ promptCharacters, promptMs, predictedMs, tokens: completionTokens, isCut });
    metrics.answered(usage, timingsOf(reply));
  }

  function breakOff(): void {
    if (firstAt === undefined) return;
    const spent = { promptMs: firstAt - calledAt - queueMs, predictedMs: performance.now() - firstAt };
    metrics.answered({ promptTokens, cachedTokens, completionTokens: tokens }, timingsOf(spent));
  }

  return {
    timingsOf,
    note(reply) {
      if (reply.kind === 'started') ({ promptTokens, cachedTokens } = reply);
      else if (reply.kind === 'text') {
        firstAt ??= performance.now();
        tokens += reply.tokens;
      } else if (reply.kind === 'finished') finish(reply);
      else if (reply.kind !== 'progress') breakOff();
    },
  };
}
