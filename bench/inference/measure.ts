import { randomBytes } from 'node:crypto';
import { type Completion, complete } from './complete.ts';
import type { Target } from './targets.ts';

export interface Measured {
  readonly name: string;
  /** Tokens per second of a 512-token prompt, as a client sees it. */
  readonly prefillPerS: number;
  /** Tokens per second of all streams together, by number of streams. */
  readonly decodePerS: Readonly<Record<number, number>>;
  readonly coldMs: number;
  readonly reusedMs: number;
  readonly reusedTokens: number;
  /** HTTP, IPC and parsing: what a request takes beyond the server's own prompt time. */
  readonly overheadMs: number;
  readonly httpCpuMsPerToken: number | undefined;
}

export interface MeasureOptions {
  readonly streams: readonly number[];
  readonly repeats: number;
}

const PROMPT_TOKENS = 512;
const SHARED_TOKENS = 480;
const DECODE_TOKENS = 128;

/** Medians over the repeats; the prompts are random, so that nothing is reused by accident. */
export async function measure(target: Target, { streams, repeats }: MeasureOptions): Promise<Measured> {
  const text = await createTexts(target);
  await complete(target, text(64), 16);
  const cold: Completion[] = [];
  const reused: Completion[] = [];
  for (let n = 0; n < repeats; n++) {
    cold.push(await complete(target, text(PROMPT_TOKENS), 1));
    const shared = text(SHARED_TOKENS);
    await complete(target, shared, 1);
    reused.push(await complete(target, shared + text(PROMPT_TOKENS - SHARED_TOKENS), 1));
  }
  const decodePerS: Record<number, number> = {};
  let httpCpuMsPerToken: number | undefined;
  for (const count of streams) {
    const runs = [];
    for (let n = 0; n < repeats; n++) runs.push(await decode(target, count, text));
    decodePerS[count] = median(runs.map(({ perS }) => perS));
    httpCpuMsPerToken = runs.at(-1)?.httpCpuMsPerToken ?? httpCpuMsPerToken;
  }
  return {
    name: target.name,
    prefillPerS: median(cold.map(({ promptTokens, firstTokenMs }) => (promptTokens * 1000) / firstTokenMs)),
    decodePerS,
    coldMs: median(cold.map(({ firstTokenMs }) => firstTokenMs)),
    reusedMs: median(reused.map(({ firstTokenMs }) => firstTokenMs)),
    reusedTokens: median(reused.map(({ cachedTokens }) => cachedTokens)),
    overheadMs: median(reused.map(({ firstTokenMs, promptMs }) => firstTokenMs - promptMs)),
    httpCpuMsPerToken,
  };
}

/** All tokens written by all of the time, prompts included: servers share it out among streams in different ways. */
async function decode(target: Target, count: number, text: (tokens: number) => string) {
  const cpuBefore = await target.httpCpuMs();
  const startedAt = performance.now();
  const all = await Promise.all(
    Array.from({ length: count }, () => complete(target, text(count === 1 ? 16 : 128), DECODE_TOKENS)),
  );
  const totalMs = performance.now() - startedAt;
  const tokens = all.reduce((sum, one) => sum + one.tokens, 0);
  const cpuAfter = await target.httpCpuMs();
  return {
    perS: (tokens * 1000) / totalMs,
    httpCpuMsPerToken:
      cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter - cpuBefore) / tokens,
  };
}

/** Random texts of about so many tokens by this model's tokenizer. */
export async function createTexts(target: Target): Promise<(tokens: number) => string> {
  const sample = randomText(500);
  const { promptTokens, cachedTokens } = await complete(target, sample, 1);
  const perToken = sample.length / (promptTokens + cachedTokens);
  return (tokens) => randomText(Math.round(tokens * perToken));
}

function randomText(length: number): string {
  return randomBytes(length).toString('base64').replace(/[+/=]/g, ' ').slice(0, length);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
