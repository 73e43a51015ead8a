import { expect, test } from 'vitest';
import { z } from 'zod';
import { createSchemaWriter } from './openapi-schemas.ts';

const Name = z.string().min(1).meta({ id: 'TestName' });

test('a named schema becomes a component that the routes refer to, however often it is used', () => {
  const { write, components } = createSchemaWriter();
  const reference = { $ref: '#/components/schemas/TestName' };
  expect(write({ params: z.strictObject({ name: Name }), summary: 'Read' }, 'input')).toEqual({
    params: {
      type: 'object',
      properties: { name: reference },
      required: ['name'],
      additionalProperties: false,
    },
    summary: 'Read',
  });
  expect(write({ response: { 200: Name } }, 'output')).toEqual({ response: { 200: reference } });
  expect(components).toEqual({ TestName: { type: 'string', minLength: 1 } });
});

test('an answer may have more fields than its schema, a strict request may not', () => {
  const { write } = createSchemaWriter();
  const answer = { schema: z.object({ n: z.int() }) };
  expect(write(answer, 'output')).not.toHaveProperty('schema.additionalProperties');
  const request = { schema: z.strictObject({ n: z.int() }) };
  expect(write(request, 'input')).toHaveProperty('schema.additionalProperties', false);
});

test('one name for two forms is refused: a default makes a field optional in requests only', () => {
  const { write } = createSchemaWriter();
  const Page = z.object({ limit: z.int().default(10) }).meta({ id: 'TestPage' });
  write({ body: Page }, 'input');
  expect(() => write({ body: Page }, 'input')).not.toThrow();
  expect(() => write({ 200: Page }, 'output')).toThrow('TestPage has one form in requests and another');
});
