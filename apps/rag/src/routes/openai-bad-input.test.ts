import { join } from 'node:path';
import { makeTestDirectory, untilState, writeScriptedModel } from '@xnai/inference/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);

let api: TestApi;
beforeAll(async () => {
  writeScriptedModel(file('scripted'), ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.']);
  api = await openTestApi({ generate: file('scripted') });
  await untilState(api.test.models.generator, 'ready');
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  directory.remove();
});

const user = (content: string) => [{ role: 'user' as const, content }];

it('errors are those that the client knows', async () => {
  const wrongKey = new OpenAI({ apiKey: 'xnai_wrong', baseURL: `${api.url}/v1`, maxRetries: 0 });
  await expect(wrongKey.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  const create = (body: object) =>
    api.client.chat.completions.create({ model: 'scripted', messages: user('x'), ...body } as never);
  await expect(create({ model: 'gpt-4' })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
    param: 'model',
  });
  await expect(create({ model: 'rag:nowhere' })).rejects.toMatchObject({
    status: 404,
    code: 'collection_not_found',
  });
  await expect(create({ messages: [] })).rejects.toMatchObject({
    status: 400,
    param: 'messages',
    type: 'invalid_request_error',
  });
});

const TOOL = { type: 'function', function: { name: 'tide', parameters: {} } };

it.each([
  ['an unknown role', { messages: [{ role: 'wizard', content: 'x' }] }, 'messages.0.role'],
  ['a content of a wrong type', { messages: [{ role: 'user', content: 5 }] }, 'messages.0.content'],
  ['a temperature that is no number', { temperature: 'NaN' }, 'temperature'],
  ['1,000 stop texts', { stop: Array.from({ length: 1000 }, (_, i) => `stop${i}`) }, 'stop'],
  ['more than one choice', { n: 3 }, 'n'],
  ['a number of tokens below one', { max_tokens: 0 }, 'max_tokens'],
  [
    'a JSON schema that is none',
    { response_format: { type: 'json_schema', json_schema: { schema: { type: 'objekt' } } } },
    null,
  ],
  ['a call of a tool', { tools: [], tool_choice: 'required' }, 'tool_choice'],
  ['an offer of tools to a collection', { model: 'rag', tools: [TOOL] }, 'tools'],
  ['an offer of functions to a collection', { model: 'rag', functions: [TOOL.function] }, 'functions'],
  ['a weight of words', { logit_bias: { 50256: -100 } }, 'logit_bias'],
  ['a question without text', { messages: [{ role: 'user', content: null }] }, 'messages.0.content'],
  ['probabilities of tokens', { logprobs: true }, 'logprobs'],
  ['an image', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages.0.content'],
  ['a response format of an unknown type', { response_format: { type: 'yaml' } }, 'response_format.type'],
])('%s is refused', async (_name, body, param) => {
  const response = await api.post('/v1/chat/completions', {
    model: 'scripted',
    messages: user('x'),
    ...body,
  });
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: { param: string; type: string } };
  expect(error).toMatchObject({ type: 'invalid_request_error', param });
});

it.each([
  ['echo', true],
  ['suffix', 'x'],
  ['best_of', 2],
  ['logprobs', 0],
  ['prompt', [1, 2]],
])('the older completions refuse %s: %j', async (param, value) => {
  const response = await api.post('/v1/completions', { model: 'scripted', prompt: 'x', [param]: value });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param } });
});

it('a prompt of 100,000 tokens is refused with the counts', async () => {
  const response = await api.post('/v1/chat/completions', {
    model: 'scripted',
    messages: user('x'.repeat(100_000)),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: {
      code: 'context_length_exceeded',
      message: expect.stringMatching(/has 1000\d\d tokens, the context holds 4096/),
    },
  });
});

it('a body that is not JSON is refused in the same form', async () => {
  const response = await api.post('/v1/chat/completions', '{');
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'body_not_json' } });
});

it.each([
  ['no limit of tokens', { max_tokens: -1 }],
  ['an empty stop text', { stop: '' }],
  ['tools that may not be called', { tools: [TOOL], tool_choice: 'none' }],
  ['empty lists of what is not possible', { tools: [], functions: [], logit_bias: {} }],
  [
    'a chat in which tools were called',
    {
      messages: [
        ...user('How high is the tide?'),
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'tide', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: '4 m' },
        ...user('And now?'),
      ],
    },
  ],
])('%s is taken as clients send it', async (_name, body) => {
  const response = await api.post('/v1/chat/completions', {
    model: 'scripted',
    messages: user('x'),
    ...body,
  });
  expect(response.status).toBe(200);
});

it('a list of prompts has a choice for each, whole and streamed', async () => {
  const prompt = ['x', 'y'];
  const whole = await api.client.completions.create({ model: 'scripted', prompt, max_tokens: 4 });
  expect(whole.choices.map(({ index }) => index)).toEqual([0, 1]);
  expect(whole.usage?.completion_tokens).toBe(8);
  const texts = ['', ''];
  const stream = await api.client.completions.create({
    model: 'scripted',
    prompt,
    max_tokens: 4,
    stream: true,
  });
  for await (const { choices } of stream) for (const { index, text } of choices) texts[index] += text;
  expect(texts).toEqual(whole.choices.map(({ text }) => text));
});
