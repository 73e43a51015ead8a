import { invalid, isObject, type Schema } from './schema.ts';

interface Place {
  readonly path: string;
  /** The definition that a reference points to. */
  readonly lookUp: (ref: string) => unknown;
}

/** Each is compared with each, in the process that answers requests. */
const MAX_ALTERNATIVES = 100;

/** Refuses alternatives of `oneOf` of which a value could match two, and more than can be compared. */
export function refuseOverlap(list: readonly unknown[], { path, lookUp }: Place): void {
  if (list.length > MAX_ALTERNATIVES)
    throw invalid(path, `has more than ${MAX_ALTERNATIVES} alternatives; anyOf and enum take them`);
  const parts = list.map((part) => resolved(part, lookUp));
  for (const [index, part] of parts.entries()) {
    const other = parts.findIndex((one, at) => at > index && !areDistinct(part, one, lookUp));
    if (other === -1) continue;
    throw invalid(
      path,
      `has the alternatives ${index} and ${other}, which could both match; anyOf takes them`,
    );
  }
}

function resolved(part: unknown, lookUp: Place['lookUp']): Schema {
  let schema = part;
  for (let step = 0; step < 8 && isObject(schema) && typeof schema['$ref'] === 'string'; step++)
    schema = lookUp(schema['$ref']);
  return isObject(schema) ? schema : {};
}

function areDistinct(a: Schema, b: Schema, lookUp: Place['lookUp']): boolean {
  const [typesA, typesB] = [typesOf(a), typesOf(b)];
  if (typesA.size > 0 && typesB.size > 0 && typesA.isDisjointFrom(typesB)) return true;
  const [valuesA, valuesB] = [literalsOf(a), literalsOf(b)];
  if (valuesA !== undefined && valuesB !== undefined)
    return new Set(valuesA).isDisjointFrom(new Set(valuesB));
  return requiredOf(a).some((name) => {
    if (!requiredOf(b).includes(name)) return false;
    const [partA, partB] = [a, b].map(({ properties }) =>
      resolved(isObject(properties) ? properties[String(name)] : {}, lookUp),
    );
    return literalsOf(partA) !== undefined && areDistinct(partA as Schema, partB as Schema, lookUp);
  });
}

function requiredOf({ required }: Schema): readonly unknown[] {
  return Array.isArray(required) ? required : [];
}

function literalsOf(schema: Schema | undefined): readonly unknown[] | undefined {
  if (schema === undefined) return undefined;
  if ('const' in schema) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

/** The types that a schema names; those of its values otherwise. A whole number is a number. */
function typesOf(schema: Schema): ReadonlySet<unknown> {
  const values = literalsOf(schema);
  const types =
    values?.map((value) => (value === null ? 'null' : typeof value)) ?? [schema['type'] ?? []].flat();
  return new Set(types.map((type) => (type === 'integer' ? 'number' : type)));
}
