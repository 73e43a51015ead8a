import { connect } from 'node:net';
import { join } from 'node:path';
import { makeTestDirectory, untilState, writeScriptedModel } from '@xnai/inference/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
afterAll(() => directory.remove());

beforeAll(() => {
  writeScriptedModel(file('endless'), ['again ', 'and ', 'once ', 'more '], { endless: true });
});

const user = (content: string) => [{ role: 'user' as const, content }];

describe('a model under load', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openTestApi({
      generate: file('endless'),
      config: { queue: { interactive: 2, background: 2 } },
    });
    await untilState(api.test.models.generator, 'ready');
  });
  afterAll(() => api[Symbol.asyncDispose]());
  const body = (maxTokens: number, stream = false) => ({
    model: 'endless',
    messages: user('x'),
    max_tokens: maxTokens,
    stream,
  });

  it('answers some of 64 parallel requests and refuses the others with a time to come back', async () => {
    const all = await Promise.all(
      Array.from({ length: 64 }, () => api.post('/v1/chat/completions', body(200))),
    );
    const statuses = all.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(4);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    const refused = all.find(({ status }) => status === 503);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused?.json()).toMatchObject({ error: { code: 'overloaded', type: 'unavailable_error' } });
  });

  it('lets questions pass what chat programs ask for themselves, and requests of the flex tier', async () => {
    // Both sequences are busy once their streams have begun, and longer than four requests take to come in.
    const stream = () => api.client.chat.completions.create({ ...body(4000), stream: true });
    const busy = await Promise.all([stream(), stream()]);
    const order: string[] = [];
    const ask = async (name: string, more: object) => {
      const response = await api.post('/v1/chat/completions', { ...body(50), ...more });
      await response.json();
      order.push(`${name} ${response.status}`);
    };
    const title = '### Task:\nGenerate a concise title for the chat.\n### Chat History:\nHow large?';
    const asked = [
      ask('behind', { messages: user(title) }),
      ask('behind', { service_tier: 'flex' }),
      ask('question', {}),
      ask('question', {}),
    ];
    await expect.poll(() => api.test.models.load().queued, { interval: 5 }).toBe(4);
    for (const stream of busy) stream.controller.abort();
    await Promise.all(asked);
    expect(order).toEqual(['question 200', 'question 200', 'behind 200', 'behind 200']);
  });

  it('stops writing when the client aborts, and is free for the next', async () => {
    for (let round = 0; round < 3; round++) {
      const stream = await api.client.chat.completions.create({ ...body(4000), stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
      stream.controller.abort();
    }
    const next = await api.client.chat.completions.create({ ...body(5), stream: false });
    expect(next.usage?.completion_tokens).toBe(5);
  });

  it('counts what was written for a client that went away', async () => {
    const metrics = async () => {
      const response = await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${api.key}` } });
      const text = await response.text();
      const value = (name: string) => Number(new RegExp(`^xnai_model_${name} (\\S+)$`, 'm').exec(text)?.[1]);
      return {
        tokens: value('tokens_predicted_total'),
        answers: value('first_token_seconds_count'),
        busy: value('requests_processing'),
      };
    };
    await expect.poll(async () => (await metrics()).busy).toBe(0);
    const before = await metrics();
    const stream = await api.client.chat.completions.create({ ...body(4000), stream: true });
    let words = 0;
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content && ++words === 5) break;
    stream.controller.abort();
    await expect.poll(async () => (await metrics()).busy).toBe(0);
    const { tokens, answers } = await metrics();
    expect(tokens - before.tokens).toBeGreaterThanOrEqual(5);
    expect(answers - before.answers).toBe(1);
  });

  it('answers 504 early when the client has less time than the answer needs', async () => {
    const busy = [1, 2].map(() => api.post('/v1/chat/completions', body(4000)));
    const response = await api.post('/v1/chat/completions', body(10), { 'x-request-timeout-ms': '1' });
    expect(response.status).toBe(504);
    for (const { status } of await Promise.all(busy)) expect(status).toBe(200);
  });

  it('does not hold a sequence for a client that does not read', async () => {
    const { hostname, port } = new URL(api.url);
    const payload = JSON.stringify(body(4000, true));
    const sockets = [1, 2, 3].map(() => {
      const socket = connect(Number(port), hostname);
      socket.pause();
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${api.key}\r\n` +
          `content-type: application/json\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`,
      );
      return socket;
    });
    const answered = await api.post('/v1/chat/completions', body(5));
    expect([200, 503]).toContain(answered.status);
    await expect
      .poll(async () => (await api.post('/v1/chat/completions', body(5))).status, { timeout: 20_000 })
      .toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

describe('a model that is not there', () => {
  it('is refused by name, while collections still answer from their text', async () => {
    await using api = await openTestApi({});
    await api.put('guide', '# Uploads\n\nThe upload limit is 20 MB.');
    const chat = (model: string) =>
      api.post('/v1/chat/completions', { model, messages: user('What is the upload limit?') });
    const refused = await chat('scripted');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({
      error: { code: 'model_not_ready', type: 'unavailable_error' },
    });
    const answered = (await (await chat('rag')).json()) as {
      mode: string;
      choices: { message: { content: string } }[];
    };
    expect(answered.mode).toBe('extractive');
    expect(answered.choices[0]?.message.content).toContain('20 MB');
    for (const path of ['/v1/embeddings', '/v1/rerank']) {
      expect((await api.post(path, { model: 'x', input: 'x', query: 'x', documents: ['x'] })).status).toBe(
        503,
      );
    }
  });

  it('crashes without taking the service with it', async () => {
    await using api = await openTestApi({ generate: file('endless'), limits: { restartFirstMs: 50 } });
    await untilState(api.test.models.generator, 'ready');
    const stream = await api.client.chat.completions.create({
      model: 'endless',
      messages: user('x'),
      stream: true,
      max_tokens: 4000,
    });
    const pid = api.test.models.pids().generate;
    if (pid === undefined) throw new Error('there is no model process');
    const read = async () => {
      let words = 0;
      for await (const chunk of stream) {
        if (chunk.choices[0]?.delta.content && ++words === 3) process.kill(pid, 'SIGKILL');
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'model_crashed' });
    await untilState(api.test.models.generator, 'ready');
    const next = await api.client.chat.completions.create({
      model: 'endless',
      messages: user('x'),
      max_tokens: 5,
    });
    expect(next.usage?.completion_tokens).toBe(5);
  });
});
