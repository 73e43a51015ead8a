import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { z } from 'zod';

type Io = 'input' | 'output';

/**
 * A zod schema as the protocol announces it: JSON schema without references, which many clients do not follow. It checks
 * nothing: the tool checks its arguments itself, to refuse them in the words of the API.
 */
export function describeSchema(schema: z.ZodObject): StandardSchemaWithJSON {
  return {
    '~standard': {
      version: 1,
      vendor: 'xnai',
      validate: (value) => ({ value }),
      jsonSchema: {
        input: () => toJsonSchema(schema, 'input'),
        output: () => toJsonSchema(schema, 'output'),
      },
    },
  };
}

function toJsonSchema(schema: z.ZodObject, io: Io): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // An empty one: a schema with a name would become a reference.
    metadata: z.registry(),
    override: ({ zodSchema, jsonSchema }) => {
      const { description } = z.globalRegistry.get(zodSchema) ?? {};
      if (description !== undefined) jsonSchema.description = description;
      // Answers may gain fields at any time.
      if (io === 'output' && zodSchema._zod.def.type === 'object') delete jsonSchema.additionalProperties;
    },
  });
}
