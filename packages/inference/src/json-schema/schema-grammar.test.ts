import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGrammarSampler } from '../testing/sample-grammar.ts';
import { checkJsonSchema } from './check-json-schema.ts';
import { createGrammarRules } from './grammar-rules.ts';
import type { Schema } from './schema.ts';
import { addSchema } from './schema-grammar.ts';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

function grammarOf(schema: Schema): string {
  const rules = createGrammarRules();
  return rules.write(addSchema(rules, schema));
}

/** Texts of the schema's grammar, each of which must be JSON that a validator takes. */
function valid(schema: Record<string, unknown>, count = 200): readonly unknown[] {
  const grammar = grammarOf(checkJsonSchema(schema));
  const validate = ajv.compile(schema);
  let state = 7;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const write = createGrammarSampler(grammar, random);
  return Array.from({ length: count }, () => {
    const text = write();
    const value: unknown = JSON.parse(text);
    expect(validate(value), `${text} ${ajv.errorsText(validate.errors)}`).toBe(true);
    return value;
  });
}

describe('every text of the grammar of a schema is valid by it', () => {
  it('for whole numbers between any bounds, and never with an exponent', () => {
    const integer = fc.oneof(fc.integer({ min: -120, max: 120 }), fc.maxSafeInteger());
    const bounds = fc.tuple(integer, integer).map((pair) => pair.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(bounds, ([minimum, maximum]) => {
        const values = valid({ type: 'integer', minimum, maximum }, 20);
        expect(values.every((value) => Number.isSafeInteger(value))).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect(grammarOf(checkJsonSchema({ type: 'integer' }))).not.toMatch(/[eE]/);
    valid({ type: 'integer', exclusiveMinimum: 0 });
    valid({ type: 'integer', exclusiveMaximum: -3.5 });
  });

  it('and every whole number of a small range can be written', () => {
    const values = new Set(valid({ type: 'integer', minimum: -12, maximum: 105 }, 20_000));
    expect(values.size).toBe(118);
  });

  it('for decimal numbers between any bounds', () => {
    const bound = fc.integer({ min: -30_000, max: 30_000 }).map((value) => value / 100);
    const bounds = fc.tuple(bound, bound).filter(([a, b]) => a < b);
    const names = fc.constantFrom(['minimum', 'maximum'], ['exclusiveMinimum', 'exclusiveMaximum']);
    fc.assert(
      fc.property(bounds, names, ([low, high], [from = '', to = '']) => {
        valid({ type: 'number', [from]: low, [to]: high }, 20);
        valid({ type: 'number', [from]: low }, 5);
        valid({ type: 'number', [to]: high }, 5);
      }),
      { numRuns: 60 },
    );
    valid({ type: 'number' });
    valid({ type: 'number', minimum: 0, maximum: 0 });
    valid({ type: 'number', minimum: -1e12, maximum: 1e300 });
    valid({ type: 'number', maximum: 1.5e14, minimum: 99_999_999_999 });
    valid({ type: 'number', exclusiveMinimum: 0, maximum: 1 });
  });

  const schemas: readonly (readonly [string, Record<string, unknown>])[] = [
    ['an object of which some properties may be absent', object(['b', 'd'])],
    ['an object of which all may be', object([])],
    ['an object without properties', { type: 'object', properties: {} }],
    ['a map', { type: 'object', additionalProperties: { type: 'boolean' }, minProperties: 1 }],
    ['an object that needs more than it requires', { ...object(['a']), minProperties: 3 }],
    ['a text of few characters', { type: 'string', minLength: 2, maxLength: 4 }],
    ['a text of many', { type: 'string', minLength: 20, maxLength: 3000 }],
    ['a list', { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 3 }],
    ['an empty list', { type: 'array', items: { type: 'integer' }, maxItems: 0 }],
    ['a tuple', { type: 'array', prefixItems: [{ type: 'null' }, { const: 'x"\\\n' }], items: false }],
    ['a tuple with more', { prefixItems: [{ type: 'null' }], items: {}, type: 'array', maxItems: 4 }],
    ['any value', { type: 'object', properties: { any: {} }, required: ['any'] }],
    ['literals', { enum: ['ü "quoted" \\', 5, null, false, -0.5] }],
    ['a list of types', { type: ['integer', 'null'], minimum: 3, maximum: 4 }],
    [
      'what refers to itself',
      {
        $ref: '#/$defs/tree',
        $defs: {
          tree: {
            type: 'object',
            properties: {
              leaf: { type: 'boolean' },
              more: { type: 'array', items: { $ref: '#/$defs/tree' }, maxItems: 2 },
            },
            required: ['leaf'],
          },
        },
      },
    ],
    [
      'alternatives that exclude each other',
      {
        oneOf: [
          { type: 'object', properties: { kind: { const: 'a' }, x: { type: 'null' } }, required: ['kind'] },
          { type: 'object', properties: { kind: { enum: ['b', 'c'] } }, required: ['kind'] },
          { type: 'null' },
        ],
      },
    ],
    ...'date time date-time uuid email hostname ipv4 uri'
      .split(' ')
      .map((format) => [format, { type: 'string', format }] as const),
  ];
  it.each(schemas)('for %s', (_name, schema) => void valid(schema));
});

function object(required: readonly string[]) {
  const properties = { a: { type: 'boolean' }, b: { type: 'null' }, c: { const: 1 }, d: { const: 2 } };
  return { type: 'object', properties, required, additionalProperties: false };
}
