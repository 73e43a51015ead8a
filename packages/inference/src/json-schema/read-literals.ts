import { invalid, type Schema } from './schema.ts';

/** Checks the values of `const` or `enum`, which the grammar copies, against the type beside them if there is one. */
export function readLiterals(schema: Schema, path: string): Schema {
  const { type, ...keywords } = schema;
  const [key = 'enum', ...others] = Object.keys(keywords);
  if (others[0] !== undefined) throw invalid(`${path}/${others[0]}`, `cannot be enforced beside ${key}`);
  const values = key === 'const' ? [keywords[key]] : keywords[key];
  if (!Array.isArray(values) || values.length === 0) throw invalid(`${path}/enum`, 'is not a list of values');
  if (!values.every(isLiteral))
    throw invalid(`${path}/${key}`, 'holds a value that is not a string, number, boolean or null');
  refuseControls(values, `${path}/${key}`);
  const types = type === undefined ? undefined : [type].flat();
  const isTyped = (value: unknown) => types === undefined || types.some((name) => isOfType(value, name));
  if (!values.every(isTyped)) throw invalid(`${path}/${key}`, 'holds a value of another type');
  return keywords;
}

/** The grammar escapes only three control characters as JSON requires. */
export function refuseControls(values: readonly unknown[], path: string): void {
  const hasControls = (value: unknown) =>
    typeof value === 'string' && [...value].some((one) => one < ' ' && !'\t\r\n'.includes(one));
  if (values.some(hasControls)) throw invalid(path, 'holds a control character');
}

function isLiteral(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  return type === (value === null ? 'null' : typeof value);
}
