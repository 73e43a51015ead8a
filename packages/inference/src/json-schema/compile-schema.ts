import { readLiterals, refuseControls } from './read-literals.ts';
import { invalid, isObject, type Schema } from './schema.ts';

interface SchemaPosition {
  readonly path: string;
  readonly depth: number;
  /** The name of the definition that a reference points to; undefined when there is none. */
  readonly resolve: (ref: string) => string | undefined;
}

/** Compiles one schema without its annotations to one of four forms: a reference, alternatives, literals, or a type. */
export function compileSchema(schema: unknown, position: SchemaPosition): Schema {
  const { path, depth } = position;
  if (!isObject(schema)) throw invalid(path, 'is not an object');
  if (depth > MAX_DEPTH) throw invalid(path, `is nested more than ${MAX_DEPTH} deep`);
  const keywords = Object.fromEntries(Object.entries(schema).filter(([key]) => !ANNOTATIONS.has(key)));
  for (const key of Object.keys(keywords)) {
    if (!KEYWORDS.has(key)) throw invalid(`${path}/${key}`, 'is a keyword that cannot be enforced');
  }
  if (keywords['$ref'] !== undefined) return reference(alone(keywords, '$ref', path), position);
  if (keywords['anyOf'] !== undefined) return alternatives(alone(keywords, 'anyOf', path), 'anyOf', position);
  if (keywords['oneOf'] !== undefined) return alternatives(alone(keywords, 'oneOf', path), 'oneOf', position);
  if (keywords['const'] !== undefined || keywords['enum'] !== undefined) return readLiterals(keywords, path);
  return typed(keywords, position);
}

const MAX_DEPTH = 32;
const ANNOTATIONS = new Set(
  'title description default examples $schema $id $comment strict deprecated readOnly writeOnly'.split(' '),
);
const KEYWORDS_OF: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'format'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: [],
  null: [],
};
const KEYWORDS = new Set([
  'type',
  'const',
  'enum',
  'oneOf',
  'anyOf',
  '$ref',
  ...Object.values(KEYWORDS_OF).flat(),
]);
const FORMATS = new Set(['date-time', 'time', 'date']);
/** The largest minimum that is enforced: the grammar repeats a rule that often. */
const LARGEST_MINIMUM = 1000;

function alone(schema: Schema, key: string, path: string): unknown {
  const other = Object.keys(schema).find((one) => one !== key);
  if (other !== undefined) throw invalid(`${path}/${other}`, `cannot be enforced beside ${key}`);
  return schema[key];
}

function reference(ref: unknown, { path, resolve }: SchemaPosition): Schema {
  const name = typeof ref === 'string' ? resolve(ref) : undefined;
  if (name === undefined) throw invalid(`${path}/$ref`, 'refers to nothing in $defs');
  return { $ref: `#/$defs/${name}` };
}

function alternatives(list: unknown, key: string, position: SchemaPosition): Schema {
  return { oneOf: compileList(list, `${position.path}/${key}`, position) };
}

function compileList(list: unknown, path: string, position: SchemaPosition): readonly Schema[] {
  if (!Array.isArray(list) || list.length === 0) throw invalid(path, 'is not a list of schemas');
  return list.map((part, index) => inner(part, `${path}/${index}`, position));
}

function inner(part: unknown, path: string, position: SchemaPosition): Schema {
  return compileSchema(part, { ...position, path, depth: position.depth + 1 });
}

/** The grammar takes one type at a time with its own keywords; keywords of other types have no effect. */
function typed({ type, ...rest }: Schema, position: SchemaPosition): Schema {
  if (type === undefined)
    throw invalid(position.path, 'has neither type nor enum, const, oneOf, anyOf or $ref');
  const names: readonly unknown[] = Array.isArray(type) ? type : [type];
  if (
    names.length === 0 ||
    !names.every((name) => typeof name === 'string' && Object.hasOwn(KEYWORDS_OF, name))
  ) {
    throw invalid(`${position.path}/type`, `is not one of ${Object.keys(KEYWORDS_OF).join(', ')}`);
  }
  const schemas = names.map((name) => ofType(String(name), rest, position));
  return schemas.length === 1 ? (schemas[0] as Schema) : { oneOf: schemas };
}

function ofType(type: string, rest: Schema, position: SchemaPosition): Schema {
  const own = KEYWORDS_OF[type] ?? [];
  const keywords = Object.fromEntries(Object.entries(rest).filter(([key]) => own.includes(key)));
  switch (type) {
    case 'object':
      return { type, ...objectOf(keywords, position) };
    case 'array':
      return { type, ...arrayOf(keywords, position) };
    case 'string':
      return { type, ...stringOf(keywords, position) };
    default:
      checkBounds(keywords, position.path);
      return { type };
  }
}

/** The grammar requires all properties, which satisfies a schema that makes some of them optional, too. */
function objectOf(
  { properties = {}, required = [], additionalProperties, ...counts }: Schema,
  position: SchemaPosition,
): Schema {
  const { path } = position;
  if (!isObject(properties)) throw invalid(`${path}/properties`, 'is not an object');
  const isKnown = (name: unknown) => typeof name === 'string' && Object.hasOwn(properties, name);
  if (!Array.isArray(required) || !required.every(isKnown)) {
    throw invalid(`${path}/required`, 'is not a list of names in properties');
  }
  const names = Object.keys(properties);
  refuseControls(names, `${path}/properties`);
  const { least, most } = readCounts(counts, ['minProperties', 'maxProperties'], path);
  if (most < names.length) throw invalid(`${path}/maxProperties`, 'is less than there are properties');
  const needsMore = least > names.length;
  const more = additionalProperties ?? needsMore;
  if (needsMore && more === false)
    throw invalid(`${path}/minProperties`, 'is more than there are properties');
  const parts = names.map((name) => [name, inner(properties[name], `${path}/properties/${name}`, position)]);
  const others = typeof more === 'boolean' ? more : inner(more, `${path}/additionalProperties`, position);
  return { properties: Object.fromEntries(parts), additionalProperties: others, ...counts };
}

function arrayOf({ items, prefixItems, ...counts }: Schema, position: SchemaPosition): Schema {
  const { path } = position;
  const first = prefixItems === undefined ? [] : compileList(prefixItems, `${path}/prefixItems`, position);
  const { most } = readCounts(counts, ['minItems', 'maxItems'], path);
  if (most < first.length) throw invalid(`${path}/maxItems`, 'is less than there are prefixItems');
  return {
    ...(items === undefined ? {} : { items: inner(items, `${path}/items`, position) }),
    ...(first.length === 0 ? {} : { prefixItems: first }),
    ...counts,
  };
}

function stringOf({ format, ...lengths }: Schema, { path }: SchemaPosition): Schema {
  readCounts(lengths, ['minLength', 'maxLength'], path);
  if (format === undefined) return lengths;
  if (typeof format !== 'string' || !FORMATS.has(format)) {
    throw invalid(`${path}/format`, 'is not a format that can be enforced');
  }
  return { format: alone({ format, ...lengths }, 'format', path) };
}

function readCounts(keywords: Schema, [low, high]: readonly [string, string], path: string) {
  const read = (key: string, otherwise: number) => {
    const value = keywords[key];
    if (value === undefined) return otherwise;
    if (!Number.isInteger(value) || Number(value) < 0)
      throw invalid(`${path}/${key}`, 'is not a whole number');
    return Number(value);
  };
  const least = read(low, 0);
  const most = read(high, Number.POSITIVE_INFINITY);
  if (least > most) throw invalid(`${path}/${low}`, `is more than ${high}`);
  if (least > LARGEST_MINIMUM) throw invalid(`${path}/${low}`, `is more than ${LARGEST_MINIMUM}`);
  return { least, most };
}

/** A grammar does not compare numbers. The bounds of safe integers, which schema generators write, change nothing. */
function checkBounds({ minimum, maximum }: Schema, path: string): void {
  if (minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER)
    throw invalid(`${path}/minimum`, 'is a keyword that cannot be enforced');
  if (maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER)
    throw invalid(`${path}/maximum`, 'is a keyword that cannot be enforced');
}
