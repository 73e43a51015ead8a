import type { LlamaModel, Token } from 'node-llama-cpp';
import { placeInBatch } from './batch-order.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { ModelCall } from './messages.ts';
import type { LeasedSequence, SequencePool } from './sequence-pool.ts';

export interface WarmUpOptions {
  readonly model: LlamaModel;
  readonly pool: SequencePool;
  readonly isOnDevice: boolean;
  /** The most tokens of prompts that one batch holds. */
  readonly batchTokens: number;
}

/**
 * Evaluates what requests will bring, so that the first of them takes no longer than the others. On a CPU that is one
 * token, for which all weights are read; on a device each kind of batch, because a program is compiled when a kind first
 * occurs, all together for seconds. Returns the tokens of prompts that one round may evaluate.
 */
export async function warmUp({ model, pool, isOnDevice, batchTokens }: WarmUpOptions): Promise<number> {
  const token = model.tokenize('a')[0] ?? (0 as Token);
  const leases = pool.leaseAll();
  const [first] = leases;
  try {
    if (first === undefined) return batchTokens;
    if (!isOnDevice) {
      await writeTokens([first], token);
      return batchTokens;
    }
    const read = (tokens: number) => () => readPrompt(first, token, tokens);
    await takeInTime([
      read(batchTokens),
      ...streamCounts(leases.length).map((count) => () => writeTokens(leases.slice(0, count), token)),
      ...promptSizes(batchTokens).map(read),
    ]);
    const startedAt = performance.now();
    await readPrompt(first, token, batchTokens);
    return roundTokens(batchTokens, performance.now() - startedAt);
  } finally {
    for (const { sequence, release } of leases) {
      await sequence.clearHistory();
      release();
    }
  }
}

/** The same for a model that reads one text after the other. */
export async function warmUpReading(
  model: LoadedModel,
  callFor: (text: string) => ModelCall,
): Promise<LoadedModel> {
  const { contextTokens, device } = model.info;
  // A word is a token; half of the context leaves room for the marks around it.
  const longest = Math.min(LONGEST_TEXT_TOKENS, Math.floor(contextTokens / 2));
  const sizes = device.kind === 'cpu' ? [1] : [longest, ...promptSizes(longest)];
  const options = { signal: new AbortController().signal, reply: () => undefined };
  await takeInTime(sizes.map((words) => () => model.run(callFor('a '.repeat(words)), options)));
  return model;
}

/** As long as a chunk; longer texts need no other programs. */
const LONGEST_TEXT_TOKENS = 256;

/** The most important first: a device that compiles slowly compiles the rest for the requests that need it. */
async function takeInTime(steps: readonly (() => Promise<void>)[]): Promise<void> {
  const startedAt = performance.now();
  for (const step of steps) {
    await step();
    if (performance.now() - startedAt > LONGEST_WARM_UP_MS) return;
  }
}

/** Several times what a GPU took for all of its programs (2.4 s on an H100); a software device takes minutes. */
const LONGEST_WARM_UP_MS = 15_000;

/**
 * The sizes at which ggml's Vulkan backend takes another program: it has one for each number of columns up to 8, and
 * tiles for up to 32, up to 64 and more (`ggml_vk_guess_matmul_pipeline`).
 */
export function promptSizes(most: number): readonly number[] {
  const sizes = [...upTo(COLUMNS_WITH_PROGRAMS), 24, 48, 96];
  return sizes.filter((size) => size < most);
}

/** Beyond the columns that have programs of their own, the number of sequences makes no difference. */
export function streamCounts(sequences: number): readonly number[] {
  const counts = upTo(Math.min(sequences, COLUMNS_WITH_PROGRAMS));
  return sequences > COLUMNS_WITH_PROGRAMS ? [...counts, sequences] : counts;
}

const COLUMNS_WITH_PROGRAMS = 8;

/** How many tokens one round may evaluate where a batch of `batchTokens` takes that long. */
export function roundTokens(batchTokens: number, batchMs: number): number {
  const inTime = Math.floor((batchTokens * LONGEST_ROUND_MS) / batchMs);
  return Math.min(batchTokens, Math.max(LEAST_ROUND_TOKENS, inTime));
}

/** An abort, a deadline and another request wait for the end of a round. */
const LONGEST_ROUND_MS = 250;
/** What a round evaluates on a CPU. */
const LEAST_ROUND_TOKENS = 128;

async function readPrompt({ sequence, index }: LeasedSequence, token: Token, tokens: number): Promise<void> {
  await sequence.clearHistory();
  await sequence.evaluateWithoutGeneratingNewTokens(Array(tokens).fill(token), placeInBatch(index));
}

/** One token in each sequence, all in one batch. */
async function writeTokens(leases: readonly LeasedSequence[], token: Token): Promise<void> {
  const write = async ({ sequence, index }: LeasedSequence) => {
    for await (const _ of sequence.evaluate([token], { ...placeInBatch(index), temperature: 0 })) break;
  };
  await Promise.all(leases.map(write));
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}
