import type { LlamaGrammar, LlamaModel } from 'node-llama-cpp';
import type { CheckedRequest } from '../json-schema/check-schemas.ts';
import { createGrammarRules, literal } from '../json-schema/grammar-rules.ts';
import type { Schema } from '../json-schema/schema.ts';
import { addSchema } from '../json-schema/schema-grammar.ts';
import { ModelError } from '../model-error.ts';
import type { CallFormat } from './call-format.ts';
import { callGrammar } from './call-grammar.ts';
import type { ReplyStage } from './reply-reader.ts';

/** What holds the model in each stage of a reply. */
export type Grammars = Readonly<Record<ReplyStage, LlamaGrammar | undefined>>;

/** @throws {ModelError} INVALID_GRAMMAR when the engine cannot use a schema */
export async function createGrammars(
  { llama }: LlamaModel,
  request: CheckedRequest,
  format: CallFormat,
): Promise<Grammars> {
  const { jsonSchema, callable, calls } = request;
  const isCalling = calls !== undefined && callable.length > 0;
  const compile = async (grammar: string) => {
    try {
      return await llama.createGrammar({ grammar });
    } catch (cause) {
      const detail = `the JSON schema cannot be used: ${(cause as Error).message}`;
      throw new ModelError('INVALID_GRAMMAR', { detail, cause });
    }
  };
  const from = calls?.choice === 'required' ? 'opening' : 'after-mark';
  return {
    thought: undefined,
    answer: jsonSchema && (await compile(answerGrammar(jsonSchema, isCalling ? format.mark : undefined))),
    call: isCalling ? await compile(callGrammar(request, format, from)) : undefined,
  };
}

/** The model writes by the schema, or begins a call. */
function answerGrammar(schema: Schema, mark: string | undefined): string {
  const rules = createGrammarRules();
  const isAnyJson = Object.keys(schema).length === 0;
  const answer = addSchema(rules, isAnyJson ? ANY_OBJECT : schema);
  return rules.write(mark === undefined ? answer : `${answer} | ${literal(mark)}`);
}

const ANY_OBJECT: Schema = { type: 'object', additionalProperties: true };
