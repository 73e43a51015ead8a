import { join } from 'node:path';
import type { QueryResponse } from '@xnai/contracts';
import { createRagClient } from '@xnai/contracts/client';
import { makeTestDirectory, untilState, writeScriptedModel } from '@xnai/inference/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

const directory = makeTestDirectory();
afterAll(() => directory.remove());

const QUESTION = 'What is the upload limit?';
const LIMIT = ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB '];
const MARS = ['Bananas ', 'grow ', 'on ', 'Mars ', 'since ', '1987'];
const SCRIPTS = {
  supported: [...LIMIT, '[1]', '.'],
  'supported in its first sentence': [...LIMIT, '[1]', '. ', ...MARS, '.'],
  'supported in its last sentence': [...MARS, '. ', ...LIMIT, '[1]', '.'],
  unsupported: [...MARS, ' [1]', '.'],
  'marked in another way': [...LIMIT, '【1】', '. ', 'Larger ', 'files ', 'are ', 'refused ', '[1, 1]', '.'],
  'that nothing was found': ['The ', 'sources ', 'do ', 'not ', 'answer ', 'that', '.'],
} as const;

async function open(name: keyof typeof SCRIPTS): Promise<TestApi> {
  const file = join(directory.path, `${name.replaceAll(' ', '-')}.gguf`);
  writeScriptedModel(file, SCRIPTS[name]);
  const api = await openTestApi({ generate: file });
  await api.put('guide', '# Uploads\n\nThe upload limit is 20 MB. Larger files are refused.');
  await untilState(api.test.models.generator, 'ready');
  return api;
}

/** The words that were shown piece by piece, and the whole answer that came after them. */
async function streamQuery({
  url,
  key,
}: TestApi): Promise<{ text: string; done: QueryResponse | undefined }> {
  let text = '';
  let done: QueryResponse | undefined;
  for await (const { event, data } of createRagClient({ baseUrl: url, key }).queryStream({
    query: QUESTION,
  })) {
    if (event === 'token') text += data.text;
    if (event === 'done') done = data;
  }
  return { text, done };
}

async function streamChat({ client }: TestApi): Promise<{ text: string; last: object | undefined }> {
  let text = '';
  let last: object | undefined;
  const messages = [{ role: 'user' as const, content: QUESTION }];
  const roles: unknown[] = [];
  for await (const chunk of await client.chat.completions.create({ model: 'rag', messages, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
    if (chunk.choices[0]?.delta.role !== undefined) roles.push(chunk.choices[0].delta.role);
    last = chunk;
  }
  expect(roles).toEqual(['assistant']);
  return { text, last };
}

describe.each(Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[])('an answer %s', (name) => {
  it('is the same streamed and whole, in a query and in a chat', async () => {
    await using api = await open(name);
    const whole = (await (await api.post('/v1/query', { query: QUESTION })).json()) as QueryResponse;
    const { text, done } = await streamQuery(api);
    expect(text).toBe(whole.answer);
    expect(done).toMatchObject({
      answer: whole.answer,
      mode: whole.mode,
      citations: whole.citations,
      degraded: whole.degraded,
    });
    const chat = await streamChat(api);
    expect(chat.text).toBe(whole.answer);
    expect(chat.last).toMatchObject({ mode: whole.mode, citations: whole.citations });
    expect(chat.last).not.toHaveProperty('answer');
  });
});

it('words without support are never shown when no sentence has any', async () => {
  await using api = await open('unsupported');
  expect((await streamQuery(api)).text).toContain('20 MB');
  expect((await streamChat(api)).text).not.toContain('Bananas');
});
