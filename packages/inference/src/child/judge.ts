import type { LlamaModel, Token } from 'node-llama-cpp';
import type { Priority, Prompt } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { placeInBatch } from './batch-order.ts';
import { checkPrompt, evaluatePrompt } from './evaluate-prompt.ts';
import type { GenerateDeps } from './generate.ts';
import type { CallContext } from './loaded-model.ts';

export interface JudgeDeps extends GenerateDeps {
  readonly words: () => VerdictTokens;
}

/** The tokens of the vocabulary that are "yes" or "no" whole, in capitals or not, with a space before or not. */
export interface VerdictTokens {
  readonly yes: readonly Token[];
  readonly no: readonly Token[];
}

/** Reads the whole vocabulary: a text may be tokenized in another way than the model writes it. */
export function findVerdictTokens(model: LlamaModel): VerdictTokens {
  const words = { yes: [] as Token[], no: [] as Token[] };
  for (const token of model.iterateAllTokens()) {
    const text = model.detokenize([token]).trim().toLowerCase();
    if (text === 'yes' || text === 'no') words[text].push(token);
  }
  return words;
}

/**
 * Reads each prompt and weighs one token after it, as if a grammar allowed nothing but yes or no. The prompts are read one
 * after the other, so that each finds the state of the beginning that it shares with the one before.
 */
export async function judge(
  deps: JudgeDeps,
  { prompts, priority }: { readonly prompts: readonly Prompt[]; readonly priority: Priority },
  { signal, reply }: CallContext,
): Promise<void> {
  const words = deps.words();
  if (words.yes.length === 0 || words.no.length === 0)
    throw new ModelError('MODEL_UNUSABLE', { detail: 'the vocabulary cannot tell yes from no' });
  const all: Verdict[] = [];
  for (const prompt of prompts) {
    const verdict = await judgeOne({ ...deps, words }, { prompt, priority }, { signal, reply });
    if (verdict === undefined) return reply({ kind: 'aborted' });
    all.push(verdict);
    reply({ kind: 'progress' });
  }
  reply({
    kind: 'judged',
    probabilities: all.map(({ probability }) => probability),
    promptTokens: sum(all.map(({ promptTokens }) => promptTokens)),
    cachedTokens: sum(all.map(({ cachedTokens }) => cachedTokens)),
  });
}

interface Verdict {
  readonly probability: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** Undefined when aborted. */
async function judgeOne(
  deps: GenerateDeps & { readonly words: VerdictTokens },
  { prompt, priority }: { readonly prompt: Prompt; readonly priority: Priority },
  context: CallContext,
): Promise<Verdict | undefined> {
  const { rounds, pool, words, prompter, contextTokens } = deps;
  const { tokens } = prompter.tokenize(prompt);
  checkPrompt(tokens.length, contextTokens);
  const lease = await rounds.exclusive(() => pool.lease(tokens));
  if (lease === undefined) throw new ModelError('OVERLOADED', { detail: 'no sequence is idle' });
  const member = rounds.join(priority);
  try {
    const { sequence } = lease;
    const cachedTokens = sequence.nextTokenIndex;
    const options = placeInBatch(lease.index);
    const rest = await evaluatePrompt(sequence, tokens, { member, options, ...context });
    const last = rest?.at(-1);
    if (rest === undefined || last === undefined) return undefined;
    const wanted = { generateNext: { logits: { filter: { tokens: [...words.yes, ...words.no] } } } };
    const read = await sequence.controlledEvaluate([...rest.slice(0, -1), [last, wanted]], options);
    const probability = probabilityOfYes(read.at(-1)?.next.logits ?? new Map(), words);
    return { probability, promptTokens: tokens.length, cachedTokens };
  } finally {
    member.leave();
    lease.release();
  }
}

function probabilityOfYes(logits: ReadonlyMap<Token, number>, { yes, no }: VerdictTokens): number {
  const most = Math.max(...logits.values());
  const weigh = (tokens: readonly Token[]) =>
    tokens.reduce((sum, token) => sum + Math.exp((logits.get(token) ?? -Infinity) - most), 0);
  return weigh(yes) / (weigh(yes) + weigh(no));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
