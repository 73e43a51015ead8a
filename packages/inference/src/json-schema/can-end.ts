import { isObject, type Schema } from './schema.ts';

/** Whether a finite answer can match the compiled schema: its references do not always lead back to themselves. */
export function canEnd(schema: Schema): boolean {
  const definitions = Object.entries(isObject(schema['$defs']) ? schema['$defs'] : {}) as [string, Schema][];
  const ending = new Set<string>();
  for (let known = -1; known < ending.size; ) {
    known = ending.size;
    for (const [name, part] of definitions) if (ends(part, ending)) ending.add(`#/$defs/${name}`);
  }
  return ends(schema, ending);
}

function ends(schema: Schema, ending: ReadonlySet<string>): boolean {
  const {
    $ref,
    oneOf,
    properties,
    required,
    additionalProperties: more,
    minProperties,
    prefixItems,
    items,
    minItems,
  } = schema;
  if ($ref !== undefined) return ending.has(String($ref));
  if (Array.isArray(oneOf)) return oneOf.some((part) => ends(part, ending));
  const parts = [
    ...(isObject(properties) && Array.isArray(required) ? required.map((name) => properties[name]) : []),
    ...(Array.isArray(prefixItems) ? prefixItems : []),
    ...(isObject(more) && Number(minProperties ?? 0) > 0 ? [more] : []),
    ...(isObject(items) && Number(minItems ?? 0) > 0 ? [items] : []),
  ];
  return parts.every((part) => ends(part as Schema, ending));
}
