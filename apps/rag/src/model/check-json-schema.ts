import { ModelError } from './model-error.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * Gives the schema in the form that the grammar takes. What a grammar cannot hold an answer to is refused by name
 * (`INVALID_GRAMMAR`) rather than ignored: an answer that breaks the schema would be worse than none.
 */
export function checkJsonSchema(schema: Schema): Schema {
  if (JSON.stringify(schema).length > MAX_CHARACTERS)
    throw invalid('', `is longer than ${MAX_CHARACTERS} characters`);
  return Object.keys(schema).length === 0
    ? schema
    : check(schema, '', { definitions: definitionsOf(schema), depth: 0 });
}

const MAX_CHARACTERS = 65_536;
const MAX_DEPTH = 32;
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'null', 'object', 'array']);
const NOTES = new Set([
  'title',
  'description',
  'default',
  'examples',
  '$schema',
  '$id',
  '$comment',
  'strict',
]);
const LENGTHS = new Set(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']);
const FORMATS = new Set(['date-time', 'time', 'date']);
/** These change what is valid, but only in ways that a grammar need not know. */
const HARMLESS = new Set([
  'required',
  'format',
  'enum',
  'const',
  'type',
  'additionalProperties',
  '$ref',
  '$defs',
]);

interface Place {
  readonly definitions: ReadonlySet<string>;
  readonly depth: number;
}

function check(schema: unknown, path: string, place: Place): Schema {
  if (!isObject(schema)) throw invalid(path, 'is not an object');
  if (place.depth > MAX_DEPTH) throw invalid(path, `is nested more than ${MAX_DEPTH} deep`);
  checkValues(schema, path, place);
  const inner = { ...place, depth: place.depth + 1 };
  const entries = Object.entries(schema)
    .filter(([key]) => !NOTES.has(key))
    .map(([key, value]) => checkEntry({ key, value, path: `${path}/${key}`, place: inner }));
  return Object.fromEntries(entries);
}

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly path: string;
  readonly place: Place;
}

function checkEntry(entry: Entry): [string, unknown] {
  const { key, value, path, place } = entry;
  if (key === 'properties' || key === '$defs') return [key, checkMap(entry)];
  if (key === 'oneOf' || key === 'anyOf') return ['oneOf', checkList(entry)];
  if (key === 'prefixItems') return [key, checkList(entry)];
  if (key === 'items' || (key === 'additionalProperties' && typeof value !== 'boolean')) {
    return [key, check(value, path, place)];
  }
  if (LENGTHS.has(key)) {
    if (!Number.isInteger(value) || (value as number) < 0) throw invalid(path, 'is not a whole number');
    return [key, value];
  }
  if (!HARMLESS.has(key)) throw invalid(path, 'is a keyword that cannot be enforced');
  return [key, value];
}

function checkMap({ value, path, place }: Entry): Schema {
  if (!isObject(value)) throw invalid(path, 'is not an object');
  const parts = Object.entries(value).map(([name, part]) => [name, check(part, `${path}/${name}`, place)]);
  return Object.fromEntries(parts);
}

function checkList({ value, path, place }: Entry): readonly Schema[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid(path, 'is not a list of schemas');
  return value.map((part, index) => check(part, `${path}/${index}`, place));
}

function checkValues(schema: Schema, path: string, { definitions }: Place): void {
  const { type, enum: options, required, format, $ref } = schema;
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  if (!types.every((name) => typeof name === 'string' && TYPES.has(name))) {
    throw invalid(`${path}/type`, `is not one of ${[...TYPES].join(', ')}`);
  }
  const isList = (value: unknown) => Array.isArray(value) && value.length > 0;
  if (options !== undefined && !isList(options)) throw invalid(`${path}/enum`, 'is not a list of values');
  if (required !== undefined && !Array.isArray(required))
    throw invalid(`${path}/required`, 'is not a list of names');
  if (format !== undefined && !FORMATS.has(String(format)))
    throw invalid(`${path}/format`, 'is not a format that can be enforced');
  if ($ref !== undefined && !definitions.has(String($ref)))
    throw invalid(`${path}/$ref`, 'refers to nothing in $defs');
  const says = ['type', 'enum', 'const', 'oneOf', 'anyOf', '$ref'].some((key) => schema[key] !== undefined);
  if (!says) throw invalid(path, 'has neither type nor enum, const, oneOf, anyOf or $ref');
}

function definitionsOf({ $defs }: Schema): ReadonlySet<string> {
  return new Set(isObject($defs) ? Object.keys($defs).map((name) => `#/$defs/${name}`) : []);
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: string, problem: string): ModelError {
  return new ModelError('INVALID_GRAMMAR', {
    detail: `the JSON schema${path === '' ? '' : ` at ${path}`} ${problem}`,
  });
}
