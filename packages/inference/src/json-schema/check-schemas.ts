import type { GenerateRequest, Tool } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { checkJsonSchema } from './check-json-schema.ts';
import { invalid, isObject, type Schema } from './schema.ts';

export interface CheckedRequest extends GenerateRequest {
  /** The parameters of the tools that may be called, as `addSchema` takes them. */
  readonly callable: readonly Pick<Tool, 'name' | 'parameters'>[];
}

/** @throws {ModelError} INVALID_GRAMMAR with the tool, and the first keyword that a grammar cannot enforce */
export function checkSchemas(request: GenerateRequest): CheckedRequest {
  const { prompt, calls, jsonSchema } = request;
  const tools = calls !== undefined && prompt.kind === 'chat' ? (prompt.tools ?? []) : [];
  const callable = tools.filter(({ name }) => calls?.name === undefined || calls.name === name);
  return {
    ...request,
    jsonSchema: jsonSchema && checkJsonSchema(jsonSchema),
    callable: callable.map(({ name, parameters }) => ({
      name,
      parameters: checkParameters(name, parameters),
    })),
  };
}

function checkParameters(name: string, parameters: Tool['parameters']): Tool['parameters'] {
  try {
    const isEmpty = Object.keys(parameters).length === 0;
    const schema = checkJsonSchema(isEmpty ? { type: 'object', properties: {} } : parameters);
    if (rootOf(schema)['type'] === 'object') return schema;
    throw invalid('', 'is not one of an object');
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError('INVALID_GRAMMAR', {
      detail: `the parameters of the tool "${name}": ${error.message}`,
    });
  }
}

function rootOf(schema: Schema): Schema {
  const { $ref, $defs } = schema;
  const definition = isObject($defs) ? $defs[String($ref).slice('#/$defs/'.length)] : undefined;
  return isObject(definition) ? definition : schema;
}
