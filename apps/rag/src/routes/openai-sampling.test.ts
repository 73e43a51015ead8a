import { join } from 'node:path';
import { LLAMA_TINY, makeTestDirectory, untilState, writeRandomLlama } from '@xnai/inference/testing';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

const directory = makeTestDirectory();
let api: TestApi;
beforeAll(async () => {
  const generate = join(directory.path, 'tiny.gguf');
  writeRandomLlama(generate, LLAMA_TINY);
  api = await openTestApi({ generate });
  await untilState(api.test.models.generator, 'ready');
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  directory.remove();
});

async function chat(body: object): Promise<string> {
  const response = await api.post('/v1/chat/completions', {
    model: 'tiny',
    messages: [{ role: 'user', content: 'x' }],
    max_tokens: 200,
    ...body,
  });
  expect(response.status).toBe(200);
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content ?? '';
}

describe('a seed', () => {
  const words = (seed?: number) =>
    chat({ max_tokens: 16, temperature: 1, ...(seed === undefined ? {} : { seed }) });

  it.each([7, -7, 2 ** 32 - 1, 1_795_447_012_345])('%d gives the same answer again', async (seed) => {
    expect(await words(seed)).toBe(await words(seed));
  });

  it('that is not given is another for each request, also within a second', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => words()));
    expect(new Set(answers).size).toBeGreaterThan(1);
  });
});

describe('a penalty', () => {
  // The weights are random: one answer may end before any word of it comes again, five do not.
  const questions = ['a', 'b', 'c', 'd', 'e'].map((content) => [{ role: 'user', content }]);

  async function answers(body: object): Promise<readonly string[]> {
    const all: string[] = [];
    for (const messages of questions)
      all.push(await chat({ messages, max_tokens: 60, temperature: 0, ...body }));
    return all;
  }

  it.each(['frequency_penalty', 'presence_penalty'])('of %s changes what the model repeats', async (name) => {
    const plain = await answers({});
    expect(await answers({ [name]: 2 })).not.toEqual(plain);
  });
});

describe('a JSON schema', () => {
  const json = (schema: object) =>
    chat({
      temperature: 0,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    });

  it("gives JSON of that form from the client's own helper, and nothing after it", async () => {
    const Node = z.object({ ok: z.boolean(), size: z.enum(['s', 'm']), next: z.null() });
    const answer = await api.client.chat.completions.parse({
      model: 'tiny',
      messages: [{ role: 'user', content: 'x' }],
      max_tokens: 200,
      temperature: 0,
      response_format: zodResponseFormat(Node, 'node'),
    });
    expect(Node.safeParse(answer.choices[0]?.message.parsed).success).toBe(true);
    expect(answer.choices[0]?.message.content).toMatch(/\}$/);
  });

  it('may refer to itself where it can end', async () => {
    const $defs = { list: { anyOf: [{ type: 'null' }, { $ref: '#' }] } };
    const required = ['ok', 'next'];
    const properties = { ok: { type: 'boolean' }, next: { const: null } };
    const schema = { type: 'object', properties, required, $defs };
    expect(JSON.parse(await json(schema))).toEqual({ ok: expect.any(Boolean), next: null });
    const looped = { ...schema, properties: { next: { $ref: '#/$defs/list' } }, required: ['next'] };
    expect(await json(looped)).toMatch(/^\{/);
  });

  it('holds in the form of llama-server, too', async () => {
    const schema = { type: 'object', properties: { a: { const: 1 } }, required: ['a'] };
    const content = await chat({ response_format: { type: 'json_object', schema } });
    expect(JSON.parse(content)).toEqual({ a: 1 });
  });
});
