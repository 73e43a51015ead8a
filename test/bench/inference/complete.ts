import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
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

/**
 * One streamed completion on a connection of its own, timed where a client stands. Not by `fetch`, whose streams take
 * some 1.5 ms a request of the time that is to be measured.
 */
export async function complete(target: Target, prompt: string, maxTokens: number): Promise<Completion> {
  const startedAt = performance.now();
  const response = await post(target, { prompt, max_tokens: maxTokens });
  if (response.statusCode !== 200) {
    throw new Error(`${target.name}: ${response.statusCode} ${await text(response)}`);
  }
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

async function post({ url, headers, model }: Target, fields: object): Promise<IncomingMessage> {
  const body = JSON.stringify({ model, ...fields, ...SAMPLING, stream: true });
  const sent = request(`${url}/v1/completions`, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8');
}

const SAMPLING = { temperature: 0.8, seed: 1, ignore_eos: true };

async function* frames(response: AsyncIterable<string>): AsyncGenerator<Frame> {
  let rest = '';
  for await (const chunk of response) {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part.startsWith('data: ') && part !== 'data: [DONE]') yield JSON.parse(part.slice(6)) as Frame;
    }
  }
}
