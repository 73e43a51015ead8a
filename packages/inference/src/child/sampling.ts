import {
  type LlamaGrammar,
  LlamaGrammarEvaluationState,
  type LlamaModel,
  type SequenceEvaluateOptions,
  type Token,
} from 'node-llama-cpp';
import type { GenerateRequest } from '../model.ts';

export interface Sampling {
  /** The grammar holds from the next token on. */
  readonly optionsFor: (grammar: LlamaGrammar | undefined) => SequenceEvaluateOptions;
  /** Must be called with each written token, because penalties apply to the tokens written before. */
  readonly note: (token: Token) => void;
}

/** How the next token of a request is chosen; the defaults are those of llama-server. */
export function createSampling(model: LlamaModel, request: GenerateRequest): Sampling {
  const { temperature = 0.8, topK = 40, topP = 0.95, minP = 0.05, seed } = request;
  const { frequencyPenalty = 0, presencePenalty = 0 } = request;
  const written: Token[] = [];
  const isPenalized = frequencyPenalty !== 0 || presencePenalty !== 0;
  const repeatPenalty = { punishTokens: () => written, penalty: 1, frequencyPenalty, presencePenalty };
  return {
    optionsFor: (grammar) => ({
      temperature,
      topK,
      topP,
      minP,
      ...(seed === undefined ? {} : { seed }),
      ...(isPenalized ? { repeatPenalty } : {}),
      ...(grammar && { grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }) }),
    }),
    note: isPenalized ? (token) => void written.push(token) : () => undefined,
  };
}
