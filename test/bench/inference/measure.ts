import { randomBytes } from 'node:crypto';
import { type Completion, complete } from './complete.ts';
import type { Target } from './targets.ts';

/** One number for each repeat, in their order: what was measured side by side stands at the same place. */
export type Samples = readonly number[];

export interface Measured {
  readonly name: string;
  readonly threads: number;
  /** Tokens per second of a 512-token prompt, as a client sees it. */
  readonly prefillPerS: Samples;
  /** Tokens per second of all streams together, by number of streams. */
  readonly decodePerS: Readonly<Record<number, Samples>>;
  /** CPU milliseconds of all processes for each token written, prompts included, by number of streams. */
  readonly cpuMsPerToken: Readonly<Record<number, Samples>>;
  /** The first request after the start by the median of those after it, all alike. */
  readonly firstToLater: number;
  readonly coldMs: Samples;
  readonly reusedMs: Samples;
  /** HTTP, IPC and parsing: what a request takes beyond the server's own prompt time. */
  readonly overheadMs: Samples;
  readonly reusedTokens: number;
  /** Undefined for a server that does everything in one process. */
  readonly httpCpuMsPerToken: Samples | undefined;
}

export interface MeasureOptions {
  readonly streams: readonly number[];
  readonly repeats: number;
}

const PROMPT_TOKENS = 512;
const SHARED_TOKENS = 480;
const DECODE_TOKENS = 128;
/** A question with a short source, and the beginning of an answer. */
const FIRST_CHARACTERS = 400;
const FIRST_TOKENS = 16;
/** Requests with a reused beginning in one repeat: they are short, and their median is wanted. */
const REUSED_CALLS = 10;

/**
 * Measures servers side by side: each repeat asks all of them the same, in turn first and last, so that what else the
 * machine does meets all alike. The prompts are random: nothing is reused by accident.
 */
export async function measure(
  targets: readonly Target[],
  { streams, repeats }: MeasureOptions,
): Promise<readonly Measured[]> {
  const subjects = await Promise.all(targets.map(createSubject));
  for (let n = 0; n < repeats; n++) {
    const order = n % 2 === 0 ? subjects : subjects.toReversed();
    for (const subject of order) await measurePrompt(subject);
    for (const count of streams) for (const subject of order) await measureDecode(subject, count);
  }
  return subjects.map(({ target, firstToLater, samples }) => ({
    name: target.name,
    firstToLater,
    threads: target.threads,
    prefillPerS: samples.prefillPerS,
    decodePerS: Object.fromEntries(samples.decodePerS),
    cpuMsPerToken: Object.fromEntries(samples.cpuMsPerToken),
    coldMs: samples.coldMs,
    reusedMs: samples.reusedMs,
    overheadMs: samples.overheadMs,
    reusedTokens: median(samples.reusedTokens),
    httpCpuMsPerToken: samples.httpCpuMsPerToken.length === 0 ? undefined : samples.httpCpuMsPerToken,
  }));
}

interface Subject {
  readonly target: Target;
  readonly text: (tokens: number) => string;
  readonly firstToLater: number;
  readonly samples: {
    readonly prefillPerS: number[];
    readonly coldMs: number[];
    readonly reusedMs: number[];
    readonly reusedTokens: number[];
    readonly overheadMs: number[];
    readonly httpCpuMsPerToken: number[];
    readonly decodePerS: Map<number, number[]>;
    readonly cpuMsPerToken: Map<number, number[]>;
  };
}

async function createSubject(target: Target): Promise<Subject> {
  const samples = {
    prefillPerS: [],
    coldMs: [],
    reusedMs: [],
    reusedTokens: [],
    overheadMs: [],
    httpCpuMsPerToken: [],
    decodePerS: new Map(),
    cpuMsPerToken: new Map(),
  };
  const firstToLater = await compareFirst(target);
  return { target, text: await createTexts(target), firstToLater, samples };
}

/** Must come before any other request. */
async function compareFirst(target: Target): Promise<number> {
  const ask = async () => (await complete(target, randomText(FIRST_CHARACTERS), FIRST_TOKENS)).totalMs;
  const first = await ask();
  const later: number[] = [];
  for (let n = 0; n < REUSED_CALLS; n++) later.push(await ask());
  return first / median(later);
}

async function measurePrompt({ target, text, samples }: Subject): Promise<void> {
  const cold = await complete(target, text(PROMPT_TOKENS), 1);
  samples.coldMs.push(cold.firstTokenMs);
  samples.prefillPerS.push((cold.promptTokens * 1000) / cold.firstTokenMs);
  const shared = text(SHARED_TOKENS);
  await complete(target, shared, 1);
  const calls: Completion[] = [];
  for (let n = 0; n < REUSED_CALLS; n++) {
    calls.push(await complete(target, shared + text(PROMPT_TOKENS - SHARED_TOKENS), 1));
  }
  samples.reusedMs.push(median(calls.map(({ firstTokenMs }) => firstTokenMs)));
  samples.reusedTokens.push(median(calls.map(({ cachedTokens }) => cachedTokens)));
  samples.overheadMs.push(median(calls.map(({ firstTokenMs, promptMs }) => firstTokenMs - promptMs)));
}

/** All tokens written by all of the time, prompts included: servers share it out among streams in different ways. */
async function measureDecode({ target, text, samples }: Subject, count: number): Promise<void> {
  const prompts = Array.from({ length: count }, () => text(count === 1 ? 16 : 128));
  const httpBefore = await target.httpCpuMs();
  const cpuBefore = await target.cpuMs();
  const startedAt = performance.now();
  const all = await Promise.all(prompts.map((prompt) => complete(target, prompt, DECODE_TOKENS)));
  const totalMs = performance.now() - startedAt;
  const cpuAfter = await target.cpuMs();
  const httpAfter = await target.httpCpuMs();
  const tokens = all.reduce((sum, one) => sum + one.tokens, 0);
  add(samples.decodePerS, count, (tokens * 1000) / totalMs);
  add(samples.cpuMsPerToken, count, (cpuAfter - cpuBefore) / tokens);
  if (httpBefore !== undefined && httpAfter !== undefined) {
    samples.httpCpuMsPerToken.push((httpAfter - httpBefore) / tokens);
  }
}

function add(samples: Map<number, number[]>, count: number, value: number): void {
  samples.set(count, [...(samples.get(count) ?? []), value]);
}

/** Random texts of about `tokens` tokens by this model's tokenizer. */
export async function createTexts(target: Target): Promise<(tokens: number) => string> {
  const sample = randomText(500);
  const { promptTokens, cachedTokens } = await complete(target, sample, 1);
  const perToken = sample.length / (promptTokens + cachedTokens);
  return (tokens) => randomText(Math.round(tokens * perToken));
}

function randomText(length: number): string {
  return randomBytes(length).toString('base64').replace(/[+/=]/g, ' ').slice(0, length);
}

export function median(values: Samples): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
