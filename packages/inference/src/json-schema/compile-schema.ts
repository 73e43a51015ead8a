import { readLiterals, refuseControls } from './read-literals.ts';
import { invalid, isObject, type Schema } from './schema.ts';

interface Place {
  readonly path: string;
  readonly depth: number;
  /** The name of the definition that a reference means; undefined when there is none. */
  readonly resolve: (ref: string) => string | undefined;
}

/** One schema without its notes, of one of four forms: a reference, alternatives, fixed values, or a type. */
export function compileSchema(schema: unknown, place: Place): Schema {
  const { path, depth } = place;
  if (!isObject(schema)) throw invalid(path, 'is not an object');
  if (depth > MAX_DEPTH) throw invalid(path, `is nested more than ${MAX_DEPTH} deep`);
  const said = Object.fromEntries(Object.entries(schema).filter(([key]) => !NOTES.has(key)));
  for (const key of Object.keys(said)) {
    if (!KEYWORDS.has(key)) throw invalid(`${path}/${key}`, 'is a keyword that cannot be enforced');
  }
  if (said['$ref'] !== undefined) return reference(alone(said, '$ref', path), place);
  if (said['anyOf'] !== undefined) return alternatives(alone(said, 'anyOf', path), 'anyOf', place);
  if (said['oneOf'] !== undefined) return alternatives(alone(said, 'oneOf', path), 'oneOf', place);
  if (said['const'] !== undefined || said['enum'] !== undefined) return readLiterals(said, path);
  return typed(said, place);
}

const MAX_DEPTH = 32;
const NOTES = new Set(
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
/** More than this the grammar does not count. */
const MOST_AT_LEAST = 1000;

function alone(schema: Schema, key: string, path: string): unknown {
  const other = Object.keys(schema).find((one) => one !== key);
  if (other !== undefined) throw invalid(`${path}/${other}`, `cannot be enforced beside ${key}`);
  return schema[key];
}

function reference(ref: unknown, { path, resolve }: Place): Schema {
  const name = typeof ref === 'string' ? resolve(ref) : undefined;
  if (name === undefined) throw invalid(`${path}/$ref`, 'refers to nothing in $defs');
  return { $ref: `#/$defs/${name}` };
}

function alternatives(list: unknown, key: string, place: Place): Schema {
  return { oneOf: compileList(list, `${place.path}/${key}`, place) };
}

function compileList(list: unknown, path: string, place: Place): readonly Schema[] {
  if (!Array.isArray(list) || list.length === 0) throw invalid(path, 'is not a list of schemas');
  return list.map((part, index) => inner(part, `${path}/${index}`, place));
}

function inner(part: unknown, path: string, place: Place): Schema {
  return compileSchema(part, { ...place, path, depth: place.depth + 1 });
}

/** The grammar takes one type at a time, and what is said of it. What is said of other types has no effect. */
function typed({ type, ...rest }: Schema, place: Place): Schema {
  if (type === undefined) throw invalid(place.path, 'has neither type nor enum, const, oneOf, anyOf or $ref');
  const names: readonly unknown[] = Array.isArray(type) ? type : [type];
  if (
    names.length === 0 ||
    !names.every((name) => typeof name === 'string' && Object.hasOwn(KEYWORDS_OF, name))
  ) {
    throw invalid(`${place.path}/type`, `is not one of ${Object.keys(KEYWORDS_OF).join(', ')}`);
  }
  const schemas = names.map((name) => ofType(String(name), rest, place));
  return schemas.length === 1 ? (schemas[0] as Schema) : { oneOf: schemas };
}

function ofType(type: string, rest: Schema, place: Place): Schema {
  const keys = KEYWORDS_OF[type] ?? [];
  const said = Object.fromEntries(Object.entries(rest).filter(([key]) => keys.includes(key)));
  switch (type) {
    case 'object':
      return { type, ...objectOf(said, place) };
    case 'array':
      return { type, ...arrayOf(said, place) };
    case 'string':
      return { type, ...stringOf(said, place) };
    default:
      checkBounds(said, place.path);
      return { type };
  }
}

/** All properties are written: that is an answer to a schema that leaves some of them open, too. */
function objectOf(
  { properties = {}, required = [], additionalProperties, ...counts }: Schema,
  place: Place,
): Schema {
  const { path } = place;
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
  const parts = names.map((name) => [name, inner(properties[name], `${path}/properties/${name}`, place)]);
  const others = typeof more === 'boolean' ? more : inner(more, `${path}/additionalProperties`, place);
  return { properties: Object.fromEntries(parts), additionalProperties: others, ...counts };
}

function arrayOf({ items, prefixItems, ...counts }: Schema, place: Place): Schema {
  const { path } = place;
  const first = prefixItems === undefined ? [] : compileList(prefixItems, `${path}/prefixItems`, place);
  const { most } = readCounts(counts, ['minItems', 'maxItems'], path);
  if (most < first.length) throw invalid(`${path}/maxItems`, 'is less than there are prefixItems');
  return {
    ...(items === undefined ? {} : { items: inner(items, `${path}/items`, place) }),
    ...(first.length === 0 ? {} : { prefixItems: first }),
    ...counts,
  };
}

function stringOf({ format, ...lengths }: Schema, { path }: Place): Schema {
  readCounts(lengths, ['minLength', 'maxLength'], path);
  if (format === undefined) return lengths;
  if (typeof format !== 'string' || !FORMATS.has(format)) {
    throw invalid(`${path}/format`, 'is not a format that can be enforced');
  }
  return { format: alone({ format, ...lengths }, 'format', path) };
}

function readCounts(said: Schema, [low, high]: readonly [string, string], path: string) {
  const read = (key: string, otherwise: number) => {
    const value = said[key];
    if (value === undefined) return otherwise;
    if (!Number.isInteger(value) || Number(value) < 0)
      throw invalid(`${path}/${key}`, 'is not a whole number');
    return Number(value);
  };
  const least = read(low, 0);
  const most = read(high, Number.POSITIVE_INFINITY);
  if (least > most) throw invalid(`${path}/${low}`, `is more than ${high}`);
  if (least > MOST_AT_LEAST) throw invalid(`${path}/${low}`, `is more than ${MOST_AT_LEAST}`);
  return { least, most };
}

/** A grammar does not compare numbers; the bounds of what a double holds exactly, which generators write, say nothing. */
function checkBounds({ minimum, maximum }: Schema, path: string): void {
  if (minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER)
    throw invalid(`${path}/minimum`, 'is a keyword that cannot be enforced');
  if (maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER)
    throw invalid(`${path}/maximum`, 'is a keyword that cannot be enforced');
}
