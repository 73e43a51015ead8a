import { join } from 'node:path';
import type { QueryResponse, Readiness } from '@xnai/contracts';
import { makeTestDirectory, pidOf, untilState, writeScriptedModel } from '@xnai/inference/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
const GUIDE = '# Uploads\n\nThe upload limit is 20 MB. Larger files are refused.';
const QUESTION = { query: 'What is the upload limit?' };

beforeAll(() => {
  writeScriptedModel(file('truthful'), ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.']);
  writeScriptedModel(file('talkative'), ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '. '], {
    endless: true,
  });
  writeScriptedModel(file('loose'), ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '【1】', '.']);
  writeScriptedModel(file('shy'), ['Sorry, ', 'the ', 'sources ', 'do ', 'not ', 'answer ', 'that']);
  writeScriptedModel(file('inventive'), ['Bananas ', 'grow ', 'on ', 'Mars ', 'since ', '1987 ', '[1]', '.']);
  writeScriptedModel(file('silent'), ['\n']);
  writeScriptedModel(file('endless'), ['again ', 'and ', 'once ', 'more '], { endless: true });
});
afterAll(() => directory.remove());

async function open(model: string, config = {}): Promise<TestApi> {
  const api = await openTestApi({ generate: file(model), config, limits: { restartFirstMs: 50 } });
  await api.put('guide', GUIDE);
  await untilState(api.test.models.generator, 'ready');
  return api;
}

/** Over the mark at which budgets are halved. */
const NEARLY_FULL = { name: 'test', read: () => Promise.resolve({ used: 0.85, detail: '85 %' }) };

async function memoryStatus(api: TestApi): Promise<string> {
  const ready = (await (await fetch(`${api.url}/readyz`)).json()) as Readiness;
  return ready.checks['memory']?.status ?? 'unknown';
}

async function ask(api: TestApi, body: object, headers = {}): Promise<QueryResponse> {
  const response = await api.post('/v1/query', { ...QUESTION, ...body }, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as QueryResponse;
}

describe('an answer from a model', () => {
  it("is the model's when its sources support it", async () => {
    await using api = await open('truthful');
    expect(await ask(api, {})).toMatchObject({
      answer: 'The upload limit is 20 MB [1].',
      mode: 'generative',
      citations: [{ index: 1, document_id: 'guide', verified: true }],
      finish_reason: 'stop',
      usage: { completion_tokens: 8 },
      degraded: [],
    });
    expect(await ask(api, { mode: 'extractive' })).toMatchObject({
      mode: 'extractive',
      usage: { completion_tokens: 0 },
    });
  });

  it('is given up for the text itself when no source supports any of it', async () => {
    await using api = await open('inventive');
    const answer = await ask(api, {});
    expect(answer).toMatchObject({
      mode: 'extractive',
      degraded: ['unsupported-answer'],
      usage: { completion_tokens: 8 },
    });
    expect(answer.answer).toContain('20 MB');
    expect(answer.answer).not.toContain('Bananas');
  });

  it('is given up for the text itself when the model writes nothing', async () => {
    await using api = await open('silent');
    expect(await ask(api, {})).toMatchObject({
      mode: 'extractive',
      answer: expect.stringContaining('20 MB'),
      degraded: ['unsupported-answer'],
    });
  });

  it('says when the model was cut at a limit that nobody asked for, in a chat too', async () => {
    await using api = await open('talkative', { contextTokens: 1024 });
    expect(await ask(api, {})).toMatchObject({
      mode: 'generative',
      finish_reason: 'length',
      usage: { completion_tokens: 256 },
    });
    const messages = [{ role: 'user' as const, content: QUESTION.query }];
    const chat = await api.client.chat.completions.create({ model: 'rag', messages });
    expect(chat.choices[0]?.finish_reason).toBe('length');
    expect(await ask(api, { mode: 'extractive' })).not.toHaveProperty('finish_reason');
  });

  it('is not given up for a limit that leaves no room for sources: the limit is lowered', async () => {
    await using api = await open('truthful');
    expect(await ask(api, { max_tokens: 4096 })).toMatchObject({ mode: 'generative', finish_reason: 'stop' });
  });

  it('has its marks in one form, also where the model writes others', async () => {
    await using api = await open('loose');
    expect(await ask(api, {})).toMatchObject({
      answer: 'The upload limit is 20 MB [1].',
      citations: [{ index: 1, verified: true }],
    });
  });

  it('is none when the model finds nothing in the sources, however it says so', async () => {
    await using api = await open('shy');
    const answer = await ask(api, {});
    expect(answer).toMatchObject({ mode: 'none', citations: [], degraded: [] });
    expect(answer.answer).toBe('The sources do not answer this question.');
    expect(answer).not.toHaveProperty('finish_reason');
  });

  it('says how many chunks did not fit', async () => {
    await using api = await open('truthful', { contextTokens: 1024 });
    for (let n = 0; n < 8; n++)
      await api.put(
        `guide-${n}`,
        `# Uploads ${n}\n\nThe upload limit is ${n} MB. ${'It is a limit. '.repeat(10)}`,
      );
    const { usage } = await ask(api, { max_tokens: 16 });
    expect(usage.truncated?.chunks).toBeGreaterThan(0);
    expect(usage.prompt_tokens + 16).toBeLessThanOrEqual(1024);
  });

  it('takes smaller sources and fewer words when memory is short, and says so', async () => {
    await using api = await openTestApi({ generate: file('endless'), memorySources: () => [NEARLY_FULL] });
    await api.put('guide', GUIDE);
    await untilState(api.test.models.generator, 'ready');
    await vi.waitFor(async () => expect(await memoryStatus(api)).toBe('degraded'));
    const answer = await ask(api, { max_tokens: 40 });
    expect(answer.usage.completion_tokens).toBe(20);
    expect(answer.degraded).toEqual(['unsupported-answer', 'memory']);
  });
});

describe('a model that fails while it answers', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await open('endless');
  });
  afterAll(() => api[Symbol.asyncDispose]());

  /** Kills the process as soon as it works on an answer. */
  async function killWhenBusy(): Promise<void> {
    await expect.poll(() => api.test.models.load().running, { interval: 2, timeout: 10_000 }).toBe(1);
    process.kill(pidOf(api.test, 'generate'), 'SIGKILL');
  }

  it('leaves the answer to the text', async () => {
    await untilState(api.test.models.generator, 'ready');
    const [answer] = await Promise.all([ask(api, { max_tokens: 3000 }), killWhenBusy()]);
    expect(answer).toMatchObject({ mode: 'extractive', degraded: ['model'] });
    expect(answer.answer).toContain('20 MB');
  });

  it('leaves a chat to the text, too', async () => {
    await untilState(api.test.models.generator, 'ready');
    const messages = [{ role: 'user' as const, content: QUESTION.query }];
    const chat = api.client.chat.completions.create({ model: 'rag', messages, max_tokens: 2000 });
    const [answer] = await Promise.all([chat, killWhenBusy()]);
    expect(answer).toMatchObject({ mode: 'extractive', degraded: ['model'] });
    expect(answer.choices[0]?.message.content).toContain('20 MB');
  });

  it('leaves the answer to the text when the model would be late', async () => {
    await untilState(api.test.models.generator, 'ready');
    const pid = api.test.models.pids().generate ?? 0;
    process.kill(pid, 'SIGSTOP');
    const answer = await ask(api, {}, { 'x-request-timeout-ms': '1500' });
    expect(answer).toMatchObject({ mode: 'extractive', degraded: ['model'] });
    const insisting = { ...QUESTION, mode: 'generative' };
    const late = await api.post('/v1/query', insisting, { 'x-request-timeout-ms': '300' });
    expect(late.status).toBe(504);
    process.kill(pid, 'SIGCONT');
    expect((await ask(api, { max_tokens: 5 })).usage.completion_tokens).toBe(5);
  });

  it('leaves a stream to the text, too, as long as nothing of the model was shown', async () => {
    await untilState(api.test.models.generator, 'ready');
    const streaming = api.post('/v1/query', { ...QUESTION, stream: true, max_tokens: 3000 });
    const [text] = await Promise.all([streaming.then((response) => response.text()), killWhenBusy()]);
    expect(text).toContain('event: done');
    expect(text).toContain('"degraded":["model"]');
    expect(text).not.toContain('once more');
  });

  it('is not asked while its breaker is open: answers are extractive at once', async () => {
    await untilState(api.test.models.generator, 'ready');
    await api.test.breakers.get('generate').isolate({ reason: 'test' });
    expect(await ask(api, {})).toMatchObject({ mode: 'extractive', degraded: ['model'] });
    const refused = await api.post('/v1/query', { ...QUESTION, mode: 'generative' });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    await api.test.breakers.get('generate').reset({ reason: 'test' });
    expect((await ask(api, { max_tokens: 5 })).usage.completion_tokens).toBe(5);
  });
});

it('a model that fails after a sentence of it was shown ends the stream with an error event', async () => {
  await using api = await open('talkative');
  const response = await api.post('/v1/query', { ...QUESTION, stream: true, max_tokens: 3000 });
  let text = '';
  for await (const chunk of response.body ?? []) {
    const hadToken = text.includes('event: token');
    text += Buffer.from(chunk).toString();
    if (!hadToken && text.includes('event: token')) process.kill(pidOf(api.test, 'generate'), 'SIGKILL');
  }
  expect(text).toContain('The upload limit is 20 MB [1].');
  expect(text).toContain('event: error');
  expect(text).toContain('MODEL_CRASHED');
});
