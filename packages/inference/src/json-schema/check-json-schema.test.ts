import { describe, expect, it } from 'vitest';
import { checkJsonSchema } from './check-json-schema.ts';

describe('a JSON schema for an answer', () => {
  it('keeps what a grammar can enforce and drops the notes', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      title: 'Person',
      properties: {
        name: { type: 'string', maxLength: 20 },
        age: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      },
      required: ['name'],
      additionalProperties: false,
    };
    expect(checkJsonSchema(schema)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', maxLength: 20 },
        age: { oneOf: [{ type: 'integer' }, { type: 'null' }] },
      },
      required: ['name'],
      additionalProperties: false,
    });
    expect(checkJsonSchema({})).toEqual({});
  });

  it('takes each type of a list with its own keywords, and drops those of other types', () => {
    expect(checkJsonSchema({ type: ['string', 'null'], maxLength: 2, minItems: 3 })).toEqual({
      oneOf: [{ type: 'string', maxLength: 2 }, { type: 'null' }],
    });
    expect(checkJsonSchema({ type: 'integer', minimum: Number.MIN_SAFE_INTEGER })).toEqual({
      type: 'integer',
    });
    expect(checkJsonSchema({ type: 'string', enum: ['a'] })).toEqual({ enum: ['a'] });
  });

  it('takes references to older definitions and to the whole', () => {
    expect(checkJsonSchema({ $ref: '#/definitions/a', definitions: { a: { type: 'null' } } })).toEqual({
      $ref: '#/$defs/a',
      $defs: { a: { type: 'null' } },
    });
    expect(checkJsonSchema({ type: 'array', items: { $ref: '#' } })).toEqual({
      $ref: '#/$defs/root',
      $defs: { root: { type: 'array', items: { $ref: '#/$defs/root' } } },
    });
  });

  it.each([5_000, 100_000])('is refused when it is nested %d deep', (depth) => {
    const nested = `${'{"type":"array","items":'.repeat(depth)}{"type":"null"}${'}'.repeat(depth)}`;
    expect(() => checkJsonSchema(JSON.parse(nested))).toThrow('nested more than');
    const value = `{"const":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(() => checkJsonSchema(JSON.parse(value))).toThrow('holds a value that is not a string');
  });

  it.each([
    [{ $ref: '#/$defs/missing' }, 'at /$ref refers to nothing'],
    [{ type: 'objekt' }, 'at /type is not one of'],
    [
      { properties: { a: { type: 'string', pattern: '^a$' } }, type: 'object' },
      'at /properties/a/pattern is a keyword',
    ],
    [{ type: 'array', items: [] }, 'at /items is not an object'],
    [{ enum: [] }, 'at /enum is not a list'],
    [{ allOf: [{ type: 'string' }] }, 'at /allOf is a keyword'],
    [{ title: 'x' }, 'has neither type'],
    [{ type: [] }, 'at /type is not one of'],
    [{ type: 'object', properties: { a: { type: 'null' } }, required: ['b'] }, 'at /required is not'],
    [{ type: 'object', properties: { a: { type: 'null' } }, maxProperties: 0 }, 'at /maxProperties is less'],
    [{ type: 'object', minProperties: 1, additionalProperties: false }, 'at /minProperties is more'],
    [{ type: 'string', minLength: 5, maxLength: 2 }, 'at /minLength is more than maxLength'],
    [{ type: 'string', minLength: 100_000 }, 'at /minLength is more than 1000'],
    [{ type: 'string', format: 'date', maxLength: 4 }, 'at /maxLength cannot be enforced beside format'],
    [{ type: 'string', enum: [1] }, 'at /enum holds a value of another type'],
    [{ const: { a: 1 } }, 'at /const holds a value that is not a string'],
    [{ const: '\u0001' }, 'at /const holds a control character'],
    [
      { type: 'integer', multipleOf: 5 },
      'at /multipleOf is a keyword that cannot be enforced; possible are type',
    ],
    [{ type: 'integer', minimum: 5, maximum: 4.5 }, 'has bounds that no integer is within'],
    [{ type: 'number', exclusiveMinimum: 1, maximum: 1 }, 'has bounds that no number is within'],
    [{ type: 'number', minimum: 0.123456789 }, 'has the bound 0.123456789, of which too many digits'],
    [{ type: 'number', minimum: '5' }, 'at /minimum is not a number'],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, 'at /oneOf has the alternatives 0 and 1'],
    [{ type: 'array', items: false, minItems: 1 }, 'at /minItems is more than there are prefixItems'],
    [{ type: 'object', minProperties: 2 }, 'at /minProperties is more'],
    [
      { $ref: '#/$defs/a', type: 'string', $defs: { a: { type: 'null' } } },
      'at /type cannot be enforced beside',
    ],
    [
      { type: 'object', properties: { a: { $defs: {}, type: 'null' } } },
      'at /properties/a/$defs is a keyword',
    ],
    [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }, 'can never be complete'],
    [{ type: 'object', properties: { self: { $ref: '#' } }, required: ['self'] }, 'can never be complete'],
    [{ type: 'string', maxLength: -1 }, 'at /maxLength is not a whole number'],
    [{ type: 'string', format: 'iri' }, 'at /format is not a format that can be enforced: date, time'],
    [
      JSON.parse(`${'{"type":"array","items":'.repeat(60)}{"type":"null"}${'}'.repeat(60)}`),
      'nested more than',
    ],
    [{ enum: ['x'.repeat(70_000)] }, 'is longer than'],
  ])('is refused with the place when it cannot be enforced: %j', (schema, message) => {
    expect(() => checkJsonSchema(schema)).toThrow(message);
  });
});

it('a oneOf of more alternatives than can be compared is refused by its place', () => {
  const oneOf = Array.from({ length: 40_000 }, (_, value) => ({ const: value }));
  expect(() => checkJsonSchema({ properties: { one: { oneOf } } })).toThrow(/more than 100 alternatives/);
});
