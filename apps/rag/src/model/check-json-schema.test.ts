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

  it.each([
    [{ $ref: '#/$defs/missing' }, 'at /$ref refers to nothing'],
    [{ type: 'objekt' }, 'at /type is not one of'],
    [
      { properties: { a: { type: 'string', pattern: '^a$' } }, type: 'object' },
      'at /properties/a/pattern is a keyword',
    ],
    [{ type: 'array', items: [] }, 'at /items is not an object'],
    [{ enum: [] }, 'at /enum is not a list'],
    [{ allOf: [{ type: 'string' }] }, 'has neither type'],
    [{ type: 'string', maxLength: -1 }, 'at /maxLength is not a whole number'],
    [{ type: 'string', format: 'email' }, 'at /format is not a format'],
    [
      JSON.parse(`${'{"type":"array","items":'.repeat(60)}{"type":"null"}${'}'.repeat(60)}`),
      'nested more than',
    ],
    [{ enum: ['x'.repeat(70_000)] }, 'is longer than'],
  ])('is refused with the place when it cannot be enforced: %j', (schema, message) => {
    expect(() => checkJsonSchema(schema)).toThrow(message);
  });
});
