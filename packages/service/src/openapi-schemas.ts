import { isDeepStrictEqual } from 'node:util';
import { EXAMPLES } from '@xnai/contracts/examples';
import { z } from 'zod';

/** `input`: the form that a client sends, where defaults are optional. `output`: the form that it receives. */
type Direction = 'input' | 'output';

/**
 * Writes the zod schemas of routes as JSON schemas. A schema with a name (`meta({ id })`) becomes a component of
 * the OpenAPI document, to which the routes refer, with the example of its name.
 */
export function createSchemaWriter() {
  const components: Record<string, object> = {};

  function writeAny(value: unknown, direction: Direction): unknown {
    if (value instanceof z.ZodType) return writeSchema(value, direction, components);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return write(value, direction);
  }

  /** Replaces every zod schema inside a part of a route's schema. */
  function write(part: object, direction: Direction): object {
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, writeAny(value, direction)]));
  }

  return { components, write };
}

interface WrittenSchema {
  readonly properties: { readonly schema: object };
  readonly $defs?: Readonly<Record<string, object>>;
}

function writeSchema(schema: z.ZodType, io: Direction, components: Record<string, object>): object {
  // Zod writes a reference only where a named schema is inside another one.
  const outer = z.toJSONSchema(z.object({ schema }), {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      // Answers may gain fields at any time: a generated client must not refuse them.
      if (io === 'output' && def.type === 'object') delete jsonSchema.additionalProperties;
    },
  });
  const text = JSON.stringify(outer).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { properties, $defs = {} } = JSON.parse(text) as WrittenSchema;
  for (const [name, written] of Object.entries($defs)) {
    const definition = withExample(name, written);
    components[name] ??= definition;
    if (isDeepStrictEqual(components[name], definition)) continue;
    throw new Error(`${name} has one form in requests and another in answers: give each a name of its own`);
  }
  return properties.schema;
}

function withExample(name: string, definition: object): object {
  const example = EXAMPLES[name];
  return example === undefined ? definition : { ...definition, examples: [example] };
}
