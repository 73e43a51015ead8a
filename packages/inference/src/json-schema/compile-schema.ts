import { compileBounds } from './compile-bounds.ts';
import { FORMATS } from './format-grammar.ts';
import { readLiterals, refuseControls } from './read-literals.ts';
import { refuseOverlap } from './refuse-overlap.ts';
import { invalid, isObject, type Schema } from './schema.ts';

interface SchemaPosition {
  readonly path: string;
  readonly depth: number;
  /** The name of the definition that a reference points to; undefined when there is none. */
  readonly resolve: (ref: string) => string | undefined;
  readonly lookUp: (ref: string) => unknown;
}

/** Compiles one schema without its annotations to one of four forms: a reference, alternatives, literals, or a type. */
export function compileSchema(schema: unknown, position: SchemaPosition): Schema {
  const { path, depth } = position;
  if (!isObject(schema)) throw invalid(path, 'is not an object');
  if (depth > MAX_DEPTH) throw invalid(path, `is nested more than ${MAX_DEPTH} deep`);
  const keywords = Object.fromEntries(Object.entries(schema).filter(([key]) => !ANNOTATIONS.has(key)));
  for (const key of Object.keys(keywords)) {
    if (!KEYWORDS.has(key))
      throw invalid(
        `${path}/${key}`,
        `is a keyword that cannot be enforced; possible are ${[...KEYWORDS].join(', ')}`,
      );
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
const BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
const KEYWORDS_OF: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'format'],
  number: BOUNDS,
  integer: BOUNDS,
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
  const path = `${position.path}/${key}`;
  const parts = compileList(list, path, position);
  if (key === 'oneOf' && Array.isArray(list)) refuseOverlap(list, { ...position, path });
  return { oneOf: parts };
}

function compileList(list: unknown, path: string, position: SchemaPosition): readonly Schema[] {
  if (!Array.isArray(list) || list.length === 0) throw invalid(path, 'is not a list of schemas');
  return list.map((part, index) => inner(part, `${path}/${index}`, position));
}

function inner(part: unknown, path: string, position: SchemaPosition): Schema {
  return compileSchema(part, { ...position, path, depth: position.depth + 1 });
}

/** The grammar takes one type at a time with its own keywords; keywords of other types have no effect. */
function typed({ type: given, ...rest }: Schema, position: SchemaPosition): Schema {
  if (given === undefined && position.depth > 0 && Object.keys(rest).length === 0) return {};
  const type = given ?? impliedType(rest);
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

function impliedType({ properties, items }: Schema): string | undefined {
  if (properties !== undefined) return 'object';
  return items === undefined ? undefined : 'array';
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
    case 'integer':
    case 'number':
      return { type, ...compileBounds(type, keywords, position.path) };
    default:
      return { type };
  }
}

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
  // Names of further properties could repeat, so that only one is sure to count.
  const isOpen = names.length === 0 && additionalProperties !== false;
  if (least > (isOpen ? 1 : names.length))
    throw invalid(`${path}/minProperties`, 'is more than there are properties');
  const parts = names.map((name) => [name, inner(properties[name], `${path}/properties/${name}`, position)]);
  const isObjectOfMore = isOpen && typeof additionalProperties === 'object';
  return {
    properties: Object.fromEntries(parts),
    // All of them satisfy a schema that asks for some.
    required: least > required.length ? names : required,
    additionalProperties: isObjectOfMore
      ? inner(additionalProperties, `${path}/additionalProperties`, position)
      : isOpen && additionalProperties === true,
    ...(isOpen ? counts : {}),
  };
}

function arrayOf({ items, prefixItems, ...counts }: Schema, position: SchemaPosition): Schema {
  const { path } = position;
  const first = prefixItems === undefined ? [] : compileList(prefixItems, `${path}/prefixItems`, position);
  const { least, most } = readCounts(counts, ['minItems', 'maxItems'], path);
  const isOpen = typeof items === 'boolean';
  if (items === false && least > first.length)
    throw invalid(`${path}/minItems`, 'is more than there are prefixItems');
  if (most < first.length) throw invalid(`${path}/maxItems`, 'is less than there are prefixItems');
  return {
    ...(items === undefined ? {} : { items: isOpen ? items : inner(items, `${path}/items`, position) }),
    ...(first.length === 0 ? {} : { prefixItems: first }),
    ...counts,
  };
}

function stringOf({ format, ...lengths }: Schema, { path }: SchemaPosition): Schema {
  readCounts(lengths, ['minLength', 'maxLength'], path);
  if (format === undefined) return lengths;
  if (typeof format !== 'string' || !Object.hasOwn(FORMATS, format)) {
    throw invalid(
      `${path}/format`,
      `is not a format that can be enforced: ${Object.keys(FORMATS).join(', ')}`,
    );
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
