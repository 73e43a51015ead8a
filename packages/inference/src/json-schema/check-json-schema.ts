import { canEnd } from './can-end.ts';
import { compileSchema } from './compile-schema.ts';
import { invalid, isObject, type Schema } from './schema.ts';

/**
 * Returns the schema in the few forms that `addSchema` writes as a grammar.
 *
 * @throws {ModelError} INVALID_GRAMMAR with the place of the first keyword that a grammar cannot enforce
 */
export function checkJsonSchema(schema: Schema): Schema {
  if (Object.keys(schema).length === 0) return schema;
  const { $defs = {}, definitions = {}, ...root } = schema;
  const parts = { ...partsOf($defs, '/$defs'), ...partsOf(definitions, '/definitions') };
  const rootName = unusedName(parts);
  const names = new Map([
    ['#', rootName],
    ...Object.keys(parts).flatMap((name) => [
      [`#/$defs/${name}`, name] as const,
      [`#/definitions/${name}`, name] as const,
    ]),
  ]);
  const used = new Set<string>();
  const resolve = (ref: string) => {
    const name = names.get(ref);
    if (name !== undefined) used.add(name);
    return name;
  };
  const lookUp = (ref: string) => (ref === '#' ? root : parts[names.get(ref) ?? '']);
  const compile = (part: unknown, path: string) => compileSchema(part, { path, depth: 0, resolve, lookUp });
  const compiled = compile(root, '');
  const definitionsOf = Object.entries(parts).map(([name, part]) => [name, compile(part, `/$defs/${name}`)]);
  const known: Schema = Object.fromEntries(definitionsOf);
  const whole = used.has(rootName)
    ? { $ref: `#/$defs/${rootName}`, $defs: { ...known, [rootName]: compiled } }
    : { ...compiled, ...(definitionsOf.length === 0 ? {} : { $defs: known }) };
  if (JSON.stringify(whole).length > MAX_CHARACTERS)
    throw invalid('', `is longer than ${MAX_CHARACTERS} characters`);
  if (!canEnd(whole)) throw invalid('', 'can never be complete: a part of it always holds itself');
  return whole;
}

const MAX_CHARACTERS = 65_536;

function partsOf(definitions: unknown, path: string): Schema {
  if (!isObject(definitions)) throw invalid(path, 'is not an object');
  return definitions;
}

function unusedName(parts: Schema): string {
  let name = 'root';
  while (Object.hasOwn(parts, name)) name += '_';
  return name;
}
