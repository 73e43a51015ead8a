import { join } from 'node:path';
import { makeTestDirectory, untilState, writeRandomBert, writeScriptedModel } from '@xnai/inference/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from './testing/open-test-api.ts';

/**
 * What chat programs and editors send, written anew from their sources and documents: the fields and forms that matter
 * are theirs, the words are not.
 */
const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
const SAID = 'The upload limit is 20 MB [1].';
let api: TestApi;

beforeAll(async () => {
  writeScriptedModel(file('scripted'), ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.']);
  writeRandomBert(file('embed'), 'embed');
  writeRandomBert(file('rerank'), 'rerank');
  api = await openTestApi({ generate: file('scripted'), embed: file('embed'), rerank: file('rerank') });
  await api.put('guide', '# Uploads\n\nThe upload limit is 20 MB. Larger files are refused.', 'manual');
  const { generator, embedder, reranker } = api.test.models;
  for (const port of [generator, embedder, reranker]) await untilState(port, 'ready');
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  directory.remove();
});

const question = { role: 'user', content: 'What is the upload limit?' };
const usage = { stream_options: { include_usage: true } };
const parts = [{ role: 'user', content: [{ type: 'text', text: question.content }] }];
const before = [question, { role: 'assistant', content: 'The upload limit is 20 MB. [1]' }];
const tool = { type: 'function', function: { name: 'open_file', description: 'Opens', parameters: {} } };

describe.each([
  [
    'Open WebUI',
    { stream: true, messages: [{ role: 'system', content: '' }, question], ...usage, temperature: null },
  ],
  [
    'LibreChat',
    {
      stream: true,
      messages: [{ role: 'system', content: 'Be kind.' }, ...parts],
      user: '65f0c1',
      temperature: 1,
      top_p: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      ...usage,
    },
  ],
  ['Continue', { stream: true, messages: parts, max_tokens: 4096, ...usage }],
  [
    'Zed',
    {
      stream: true,
      messages: [question, { role: 'assistant', content: null }, question],
      ...usage,
      max_completion_tokens: 4096,
      stop: [],
      temperature: 1,
      prompt_cache_key: 'thread-1',
    },
  ],
])('%s', (_name, body) => {
  it.each(['rag:manual', 'scripted'])(
    'streams a chat with %s: words, the end and the usage',
    async (model) => {
      // Continue sends the key in two headers.
      const response = await api.post('/v1/chat/completions', { model, ...body }, { 'x-api-key': api.key });
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      const lines = (await response.text()).split('\n\n').filter((line) => line.startsWith('data: '));
      expect(lines.pop()).toBe('data: [DONE]');
      const chunks = lines.map((line) => JSON.parse(line.slice('data: '.length)));
      const choices = chunks.flatMap((chunk) => chunk.choices);
      expect(choices.map(({ delta }) => delta.content ?? '').join('')).toBe(SAID);
      expect(choices.at(-1)).toMatchObject({ finish_reason: 'stop' });
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
    },
  );
});

const webUi = (task: string, output: string) =>
  `### Task:\n${task}\n### Output:\nJSON format: ${output}\n### Chat History:\n<chat_history>\nUSER: ${question.content}\n</chat_history>`;
const talk = `User: ${question.content}\nAI: 20 MB`;

describe('a title, tags or other words for the program itself', () => {
  it.each([
    [
      'Open WebUI, title',
      webUi('Name the chat in 3-5 words.', '{ "title": "" }'),
      { max_completion_tokens: 1000 },
    ],
    ['Open WebUI, tags', webUi('Choose 1-3 broad tags.', '{ "tags": [] }'), {}],
    ['Open WebUI, follow-ups', webUi('Suggest 3-5 questions.', '{ "follow_ups": [] }'), {}],
    [
      'LibreChat, title',
      `Provide a concise, 5-word-or-less title for the conversation, in title case.\n\nConversation:\n${talk}`,
      { temperature: 0.2, max_tokens: 16 },
    ],
    [
      'LibreChat, structured title',
      `Analyze this conversation and provide:\n1. The language of the conversation\n2. A concise title in it\n\n${talk}`,
      {},
    ],
    [
      'Continue, title',
      `Given the following... please reply with a title for the chat that is 3-4 words in length.\n\n${talk}`,
      { max_tokens: 16 },
    ],
  ])('%s: the model writes it, and the index is not asked', async (_name, content, more) => {
    const messages = [{ role: 'user', content }];
    const response = await api.post('/v1/chat/completions', {
      model: 'rag:manual',
      messages,
      stream: false,
      ...more,
    });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { citations?: unknown; choices: unknown[] };
    expect(answer.citations).toBeUndefined();
    expect(answer.choices).toMatchObject([{ message: { content: SAID } }]);
  });

  it('Zed, title: the same behind the chat', async () => {
    const content =
      'Generate a concise 3-7 word title for this conversation, omitting punctuation. Go straight to it.';
    const messages = [...before, { role: 'user', content }];
    const response = await api.post('/v1/chat/completions', { model: 'rag:manual', messages, stream: false });
    expect(await response.json()).not.toHaveProperty('citations');
  });

  it('is told from a question about titles, which the index answers', async () => {
    const messages = [{ role: 'user', content: 'What title does the page about the upload limit have?' }];
    const response = await api.post('/v1/chat/completions', { model: 'rag:manual', messages });
    expect(await response.json()).toHaveProperty('citations');
  });
});

describe('besides chats', () => {
  it('models are listed as pickers read them', async () => {
    const response = await fetch(`${api.url}/v1/models`, {
      headers: { authorization: `Bearer ${api.key}`, accept: 'application/json, text/plain, */*' },
    });
    const { data } = (await response.json()) as { data: { id: string; object: string; owned_by: string }[] };
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['scripted', 'rag', 'rag:manual']));
    for (const model of data) expect(model).toMatchObject({ object: 'model', owned_by: 'xnai' });
  });

  it.each([
    ['Open WebUI', { input: ['one', 'two'], model: 'embed' }],
    ['Continue', { model: 'embed', input: ['one'] }],
  ])('%s: vectors of texts', async (_name, body) => {
    const response = await api.post('/v1/embeddings', body);
    const { data } = (await response.json()) as { data: { embedding: number[] }[] };
    expect(data.map(({ embedding }) => typeof embedding[0])).toEqual(body.input.map(() => 'number'));
  });

  it('Open WebUI: as many scores as texts, in any order', async () => {
    const documents = ['The upload limit is 20 MB.', 'The ferry leaves at noon.', 'Files are refused.'];
    const body = { model: 'rerank', query: question.content, documents, top_n: documents.length };
    const response = await api.post('/v1/rerank', body);
    const { results } = (await response.json()) as { results: { index: number; relevance_score: number }[] };
    expect(results.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    for (const { relevance_score } of results) expect(relevance_score).toEqual(expect.any(Number));
  });

  it('Continue: a text is continued up to a stop', async () => {
    const prompt = '<|fim_prefix|>const limit = <|fim_suffix|>;<|fim_middle|>';
    const body = { model: 'scripted', prompt, stop: ['<|endoftext|>', '\n\n'], max_tokens: 8, stream: true };
    const response = await api.post('/v1/completions', body);
    expect(await response.text()).toMatch(/^data: \{.*\n\ndata: \[DONE\]\s*$/s);
  });
});

it('Zed, agent: tools are offered to the model, which may also answer in words', async () => {
  const offered = { tools: [tool], tool_choice: 'auto', parallel_tool_calls: false };
  const turn = [
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'open_file', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'a', content: 'The limit is 20 MB.' },
  ];
  const body = { model: 'scripted', messages: [question, ...turn], ...offered, stream: true, ...usage };
  const response = await api.post('/v1/chat/completions', body);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(text).toMatch(/data: \[DONE\]\s*$/);
});

describe('what is not there is said by name', () => {
  it.each([
    [
      'Zed and agents: tools with a collection',
      '/v1/chat/completions',
      { model: 'rag', messages: [question], tools: [tool] },
      400,
      'tools',
    ],
    [
      'Continue: the text behind the cursor',
      '/v1/completions',
      { model: 'scripted', prompt: 'a', suffix: 'b' },
      400,
      'suffix',
    ],
    [
      'Continue: fill in the middle',
      '/v1/fim/completions',
      { model: 'scripted', prompt: 'a' },
      404,
      '/v1/fim/completions',
    ],
    ['any: another model', '/v1/chat/completions', { model: 'gpt-4o', messages: [question] }, 404, 'gpt-4o'],
    [
      'any: an image',
      '/v1/chat/completions',
      {
        model: 'rag',
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }],
      },
      400,
      'images',
    ],
  ])('%s', async (_name, path, body, status, named) => {
    const response = await api.post(path, body);
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toContain(named);
  });
});
