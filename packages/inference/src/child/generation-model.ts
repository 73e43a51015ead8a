import type { LlamaModel } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import { inBatchOrder } from './batch-order.ts';
import { generate } from './generate.ts';
import { findVerdictTokens, judge } from './judge.ts';
import type { LoadedModel } from './loaded-model.ts';
import { DRAFT_TOKENS, LookupPredictor } from './lookup-predictor.ts';
import type { LoadedInfo, LoadSettings } from './messages.ts';
import { createPrompter } from './prompt-tokens.ts';
import { createRounds } from './rounds.ts';
import { createSequencePool } from './sequence-pool.ts';
import { warmUp } from './warm-up.ts';

export interface GenerationSettings extends LoadSettings {
  /** The most tokens of prompts that one batch holds. */
  readonly batchTokens: number;
}

export async function createGenerationModel(
  model: LlamaModel,
  settings: GenerationSettings,
  { info, warn }: { readonly info: LoadedInfo; readonly warn: (message: string) => void },
): Promise<LoadedModel> {
  const { contextTokens, sequences, stateDirectory, threads, batchTokens } = settings;
  const isOnDevice = info.device.kind !== 'cpu';
  const prompter = createPrompter(model, warn);
  const prefixes = settings.keptPrefixes.map((text) => prompter.prefixTokens(text));
  checkRoom(Math.max(0, ...prefixes.map(({ length }) => length)), contextTokens);
  const context = await model.createContext({
    sequences,
    contextSize: contextTokens,
    // The most that one round evaluates: a batch of prompts, one token of every sequence, and the draft of one.
    batchSize: batchTokens + sequences + DRAFT_TOKENS,
    batching: { itemPrioritizationStrategy: inBatchOrder },
    threads,
    ignoreMemorySafetyChecks: !isOnDevice,
  });
  // Several sequences make a batch only with as many tokens each, so that drafts of one would cost all others a pass.
  const pool = createSequencePool(context, (isAlone) =>
    settings.lookupPrediction && canForget(model) ? new LookupPredictor(isAlone) : undefined,
  );
  const batch = Math.min(batchTokens, contextTokens - 1);
  const rounds = createRounds(await warmUp({ model, pool, isOnDevice, batchTokens: batch }));
  for (const prefix of prefixes) await pool.keep(prefix, stateDirectory);
  const deps = {
    model,
    pool,
    prompter,
    contextTokens,
    rounds,
    words: once(() => findVerdictTokens(model)),
  };
  return {
    info,
    async run(call, options) {
      const count = (counts: readonly number[]) => options.reply({ kind: 'counts', counts });
      if (call.kind === 'generate') return generate(deps, call, options);
      if (call.kind === 'judge') return judge(deps, call, options);
      if (call.kind === 'count') return count(call.texts.map((text) => model.tokenize(text).length));
      if (call.kind === 'count-prompt') return count([prompter.tokenize(call.prompt).tokens.length]);
      throw new TypeError(`a generation model takes no ${call.kind} calls`);
    },
  };
}

/** Whether a refuted draft can be taken back; recurrent and sliding states would have to be copied before each token. */
function canForget({ fileInsights }: LlamaModel): boolean {
  const { isRecurrent, isHybrid, swaSize } = fileInsights;
  return !isRecurrent && !isHybrid && swaSize === undefined;
}

function once<T>(find: () => T): () => T {
  let found: T | undefined;
  return () => (found ??= find());
}

/** An answer needs room after the instructions. */
function checkRoom(longest: number, contextTokens: number): void {
  if (longest + LEAST_TOKENS <= contextTokens) return;
  throw new ModelError('MODEL_UNUSABLE', {
    detail: `a context of ${contextTokens} tokens is too short: the instructions alone take ${longest}`,
  });
}

const LEAST_TOKENS = 32;
