import type { LlamaContextSequence, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import type { CallContext } from './loaded-model.ts';
import type { RoundMember } from './rounds.ts';

/** @throws {ModelError} INPUT_EMPTY or PROMPT_TOO_LONG */
export function checkPrompt(promptTokens: number, contextTokens: number): void {
  if (promptTokens === 0) throw new ModelError('INPUT_EMPTY', { detail: 'the prompt is empty' });
  if (promptTokens < contextTokens) return;
  throw new ModelError('PROMPT_TOO_LONG', {
    detail: `the prompt has ${promptTokens} tokens, the context holds ${contextTokens}`,
  });
}

interface PromptOptions extends CallContext {
  readonly member: RoundMember;
  readonly options: Pick<SequenceEvaluateOptions, 'evaluationPriority'>;
}

/** Evaluates the prompt except the tokens of its last round, and returns those; undefined when aborted. */
export async function evaluatePrompt(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  { member, options, signal, reply }: PromptOptions,
): Promise<readonly Token[] | undefined> {
  for (let at = sequence.nextTokenIndex; ; reply({ kind: 'progress' })) {
    const granted = await member.turn(tokens.length - at, signal);
    if (granted === 0) return undefined;
    if (granted === tokens.length - at) return tokens.slice(at);
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, at + granted), options);
    at += granted;
  }
}
