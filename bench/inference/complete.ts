import type { Target } from './targets.ts';

export interface Completion {
  readonly firstTokenMs: number;
  readonly totalMs: number;
  readonly tokens: number;
  /** As the server says: evaluated and reused tokens of the prompt, and its own times. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly promptMs: number;
  readonly predictedMs: number;
}

interface Frame {
  readonly choices?: readonly { readonly text?: string }[];
  readonly timings?: {
    readonly prompt_n: number;
    readonly prompt_ms: number;
    readonly predicted_n: number;
    readonly predicted_ms: number;
    readonly cache_n?: number;
  };
}

/** One streamed completion, timed where a client stands. */
export async function complete(target: Target, prompt: string, maxTokens: number): Promise<Completion> {
  const startedAt = performance.now();
  const response = await fetch(`${target.url}/v1/completions`, {
    method: 'POST',
    headers: { ...target.headers, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({
      model: target.model,
      prompt,
      max_tokens: maxTokens,
      stream: true,
      temperature: 0.8,
      seed: 1,
      ignore_eos: true,
    }),
  });
  if (!response.ok) throw new Error(`${target.name}: ${response.status} ${await response.text()}`);
  let firstAt: number | undefined;
  let timings: Frame['timings'];
  for await (const frame of frames(response)) {
    if (frame.choices?.[0] !== undefined) firstAt ??= performance.now();
    timings = frame.timings ?? timings;
  }
  if (timings === undefined || firstAt === undefined) throw new Error(`${target.name} gave no timings`);
  return {
    firstTokenMs: firstAt - startedAt,
    totalMs: performance.now() - startedAt,
    tokens: timings.predicted_n,
    promptTokens: timings.prompt_n,
    cachedTokens: timings.cache_n ?? 0,
    promptMs: timings.prompt_ms,
    predictedMs: timings.predicted_ms,
  };
}

async function* frames(response: Response): AsyncGenerator<Frame> {
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part.startsWith('data: ') && part !== 'data: [DONE]') yield JSON.parse(part.slice(6)) as Frame;
    }
  }
}
