import {
  LlamaGrammarEvaluationState,
  type LlamaModel,
  type SequenceEvaluateOptions,
  type Token,
} from 'node-llama-cpp';
import type { Schema } from '../json-schema/schema.ts';
import { grammarOf } from '../json-schema/schema-grammar.ts';
import type { GenerateRequest } from '../model.ts';
import { ModelError } from '../model-error.ts';

export interface Sampling {
  readonly options: SequenceEvaluateOptions;
  /** Texts that end the answer, in addition to those of the request. */
  readonly stopTexts: readonly string[];
  /** Must be called with each written token, because penalties apply to the tokens written before. */
  readonly note: (token: Token) => void;
}

/**
 * How the next token of a request is chosen; the defaults are those of llama-server.
 *
 * @throws {ModelError} INVALID_GRAMMAR when the engine cannot use the JSON schema
 */
export async function createSampling(model: LlamaModel, request: GenerateRequest): Promise<Sampling> {
  const { temperature = 0.8, topK = 40, topP = 0.95, minP = 0.05, seed } = request;
  const { frequencyPenalty = 0, presencePenalty = 0, jsonSchema } = request;
  const written: Token[] = [];
  const isPenalized = frequencyPenalty !== 0 || presencePenalty !== 0;
  const repeatPenalty = { punishTokens: () => written, penalty: 1, frequencyPenalty, presencePenalty };
  const grammar = jsonSchema && (await createGrammar(model, jsonSchema));
  return {
    options: {
      temperature,
      topK,
      topP,
      minP,
      ...(seed === undefined ? {} : { seed }),
      ...(isPenalized ? { repeatPenalty } : {}),
      ...(grammar && { grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }) }),
    },
    stopTexts: grammar?.stopGenerationTriggers.map(String) ?? [],
    note: isPenalized ? (token) => void written.push(token) : () => undefined,
  };
}

async function createGrammar({ llama }: LlamaModel, schema: Schema) {
  const isAnyJson = Object.keys(schema).length === 0;
  return await llama.createGrammar({ grammar: grammarOf(isAnyJson ? ANY_OBJECT : schema) }).catch((cause) => {
    throw new ModelError('INVALID_GRAMMAR', {
      detail: `the JSON schema cannot be used: ${(cause as Error).message}`,
    });
  });
}

const ANY_OBJECT: Schema = { type: 'object', additionalProperties: true };
