import { FORMATS } from './format-grammar.ts';
import { anyOf, type GrammarRules, literal, repeated } from './grammar-rules.ts';
import { boundsOf, integerGrammar, numberGrammar } from './number-grammar.ts';
import { isObject, type Schema } from './schema.ts';

/**
 * Adds the rules of a schema that `checkJsonSchema` returned, and gives the name of the first. Every text of the grammar
 * is valid by the schema, but not every valid text can be written: properties come in the order of the schema. `scope`
 * tells the definitions of several schemas apart.
 */
export function addSchema(rules: GrammarRules, schema: Schema, scope = ''): string {
  const definitions = isObject(schema['$defs']) ? schema['$defs'] : {};
  const refer = (ref: string): string =>
    rules.shared(`${scope} ${ref}`, () => writeValue({ rules, refer }, definitionOf(definitions, ref)));
  return rules.add(writeValue({ rules, refer }, schema));
}

function definitionOf(definitions: Schema, ref: string): Schema {
  return definitions[ref.slice('#/$defs/'.length)] as Schema;
}

interface Writing {
  readonly rules: GrammarRules;
  /** The name of the rule of a definition. */
  readonly refer: (ref: string) => string;
}

function writeValue(writing: Writing, schema: Schema): string {
  const { $ref, oneOf, type } = schema;
  if ($ref !== undefined) return writing.refer(String($ref));
  if (Array.isArray(oneOf)) return anyOf(oneOf.map((part: Schema) => writeValue(writing, part)));
  if ('const' in schema) return literal(JSON.stringify(schema['const']));
  if (Array.isArray(schema['enum'])) return anyOf(schema['enum'].map((one) => literal(JSON.stringify(one))));
  switch (type) {
    case 'object':
      return objectOf(writing, schema);
    case 'array':
      return arrayOf(writing, schema);
    case 'string':
      return stringOf(writing.rules, schema);
    case 'integer':
      return writing.rules.add(integerGrammar(boundsOf(schema)));
    case 'number':
      return writing.rules.add(numberGrammar(boundsOf(schema)));
    case 'boolean':
      return '("true" | "false")';
    case 'null':
      return '"null"';
    default:
      return anyValue(writing.rules);
  }
}

/** No space, one, or a line that is indented. */
const SPACE = `(" " | "\\n" [ \\t]{0,20})?`;
/** Half of a pair of surrogates would be no character, and a pair would count as one. */
const ESCAPE = `"\\\\" (["\\\\/bfnrt] | "u" ([0-9a-cefA-CEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2}))`;
const SHORT = '\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E\\u0080-\\uD7FF\\uE000-\\uFFFC';
const CHARACTER = `[${SHORT}\\U00010000-\\U0010FFFF] | ${ESCAPE}`;
/**
 * Characters that are counted have at most three bytes: the engine takes bytes that are no character for one, and of three
 * at most the reply makes one.
 */
const COUNTED = `[${SHORT}] | ${ESCAPE}`;
const NOTHING = '""';

function objectOf(writing: Writing, schema: Schema): string {
  const { rules } = writing;
  const {
    properties,
    required,
    additionalProperties: more,
    minProperties: least = 0,
    maxProperties,
  } = schema;
  const space = rules.add(SPACE);
  const pair = (name: string, part: unknown) => `${name} ":" ${space} ${writeValue(writing, part as Schema)}`;
  const known = Object.entries(isObject(properties) ? properties : {});
  // A further property could repeat a known one, so that there are none beside known ones.
  if (known.length === 0 && more !== false) {
    const entry = rules.add(pair(`"\\"" (${CHARACTER})* "\\""`, isObject(more) ? more : {}));
    const most = Number(maxProperties ?? Number.POSITIVE_INFINITY);
    return enclosed(rules, '{}', list(rules, entry, { least: Number(least), most }));
  }
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  // From the last property to the first: what follows after another property, and at the beginning.
  let [after, begin] = [NOTHING, NOTHING];
  for (const [name, part] of known.toReversed()) {
    const here = `${pair(literal(JSON.stringify(name)), part)} ${after}`;
    const [next, first] = [`"," ${space} ${here}`, here];
    [after, begin] = isRequired(name)
      ? [rules.add(next), rules.add(first)]
      : [rules.add(`${next} | ${after}`), rules.add(`${first} | ${begin}`)];
  }
  return enclosed(rules, '{}', begin);
}

function arrayOf(writing: Writing, schema: Schema): string {
  const { rules } = writing;
  const { items, prefixItems, minItems, maxItems } = schema;
  const first: readonly Schema[] = Array.isArray(prefixItems) ? prefixItems : [];
  const least = Math.max(0, Number(minItems ?? 0) - first.length);
  const most = items === false ? 0 : Number(maxItems ?? Number.POSITIVE_INFINITY) - first.length;
  const item = () => rules.add(writeValue(writing, isObject(items) ? items : {}));
  if (first.length === 0) {
    return enclosed(rules, '[]', most === 0 ? NOTHING : list(rules, item(), { least, most }));
  }
  const comma = `"," ${rules.add(SPACE)}`;
  const begin = first.map((part) => writeValue(writing, part)).join(` ${comma} `);
  const rest = most === 0 ? NOTHING : repeated(`${comma} ${item()}`, { least, most });
  return enclosed(rules, '[]', `${begin} ${rest}`);
}

function stringOf(rules: GrammarRules, { format, minLength, maxLength }: Schema): string {
  if (format !== undefined) return rules.add(`"\\"" ${FORMATS[String(format)]} "\\""`);
  const least = Number(minLength ?? 0);
  const most = Number(maxLength ?? Number.POSITIVE_INFINITY);
  const character = rules.add(most === Number.POSITIVE_INFINITY ? CHARACTER : COUNTED);
  return rules.add(`"\\"" ${repeated(character, { least, most })} "\\""`);
}

interface Count {
  readonly least: number;
  readonly most: number;
}

/** Parts with commas between them. */
function list(rules: GrammarRules, part: string, { least, most }: Count): string {
  const further = { least: Math.max(0, least - 1), most: most - 1 };
  const some = `${part} ${repeated(`"," ${rules.add(SPACE)} ${part}`, further)}`;
  return least > 0 ? some : `(${some})?`;
}

function enclosed(rules: GrammarRules, [open, close]: string, inner: string): string {
  if (inner === NOTHING) return `"${open}${close}"`;
  const space = rules.add(SPACE);
  return rules.add(`"${open}" ${space} ${inner} ${space} "${close}"`);
}

function anyValue(rules: GrammarRules): string {
  return rules.shared('any', (any) => {
    const value = { rules, refer: () => any };
    const ref = { $ref: any };
    const object = objectOf(value, { additionalProperties: ref });
    const array = arrayOf(value, { items: ref });
    return `${object} | ${array} | ${stringOf(rules, {})} | ${numberGrammar({})} | "true" | "false" | "null"`;
  });
}
