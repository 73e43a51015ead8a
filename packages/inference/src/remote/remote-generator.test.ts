import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { deadlineIn } from '@xnai/resilience';
import { SELF_SIGNED } from '@xnai/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../model.ts';
import { parseServers } from '../server-address.ts';
import { type HostileServer, json, startHostileServer, stream } from '../testing/hostile-server.ts';
import {
  collect,
  makeTestDirectory,
  openTestModels,
  type TestModels,
  untilState,
} from '../testing/open-test-models.ts';
import { writeScriptedModel } from '../testing/scripted-model.ts';

const QUESTION: GenerateRequest = {
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'Is it well?' }] },
};
const directory = makeTestDirectory();
afterAll(() => directory.remove());

const FAST = {
  lookAgainMs: 20,
  lookEveryMs: 40,
  firstWordMs: 300,
  silenceMs: 300,
  streamMs: 600,
  maxEventBytes: 5_000,
};

function open(urls: string, more: { key?: string; limits?: Partial<typeof FAST> } = {}): TestModels {
  return openTestModels({
    config: { remote: { generate: { servers: parseServers(urls), key: more.key } } },
    remoteLimits: { ...FAST, ...more.limits },
  });
}

describe('a generator on a server', () => {
  let server: HostileServer;
  beforeAll(async () => {
    server = await startHostileServer({ counts: true, key: 'secret' });
  });
  beforeEach(() => {
    server.answer = undefined;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function ready(): Promise<TestModels> {
    const test = open(server.url, { key: 'secret' });
    await untilState(test.models.generator, 'ready');
    return test;
  }

  it('writes by the only model of the server, and says which it is', async () => {
    await using test = await ready();
    const { generator } = test.models;
    const { text, done } = await collect(generator, { ...QUESTION, maxTokens: 9, seed: 5 });
    expect(text).toBe('all is well');
    expect(done).toMatchObject({ finish: 'stop', usage: { promptTokens: 7, completionTokens: 3 } });
    expect(server.asked.at(-1)).toMatchObject({ model: 'served', max_tokens: 9, seed: 5, stream: true });
    expect(generator.info()).toMatchObject({ id: 'served', contextTokens: 2048, device: { kind: 'remote' } });
    expect(generator.state().detail).toMatch(
      /^served at http:.*\/v1, first word after \d+ ms, breaker closed; 2048 tokens; tokens are counted by the server; answers are held to JSON schemas$/,
    );
    expect(await generator.countTokens(['one two three'])).toEqual([3]);
  });

  it('ends the request when the caller leaves, and when its deadline passes', async () => {
    await using test = await ready();
    server.answer = (response) => stream(response, 'served', ['once '], { isCut: true });
    const { generator } = test.models;
    for await (const event of generator.generate(QUESTION)) if (event.type === 'token') break;
    await server.untilHungUp();
    await expect(collect(generator, QUESTION, { deadline: deadlineIn(100) })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
  });

  const html = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  const half = (response: ServerResponse) => {
    stream(response, 'served', ['a '], { isCut: true });
    response.end();
  };
  const cut = (response: ServerResponse) => {
    stream(response, 'served', ['a '], { isCut: true });
    setImmediate(() => response.destroy());
  };
  const forever = (response: ServerResponse) => {
    stream(response, 'served', [], { isCut: true });
    const timer = setInterval(() => response.write(': still here\n\n'), 20);
    response.once('close', () => clearInterval(timer));
  };
  it.each<[string, HostileServer['answer'], string, RegExp]>([
    ['HTML', html, 'MODEL_SERVER_FAILED', /text\/html instead of a stream/],
    [
      'half a JSON',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('data: {"choices": [{"delta"\n\n');
      },
      'MODEL_SERVER_FAILED',
      /not JSON/,
    ],
    ['half an answer', half, 'MODEL_SERVER_FAILED', /before it was complete/],
    ['a cut connection', cut, 'MODEL_SERVER_FAILED', /broke off/],
    [
      'a stream that stalls',
      (r) => stream(r, 'served', ['a '], { isCut: true }),
      'MODEL_SERVER_FAILED',
      /no word for 0.3 s/,
    ],
    ['comments without end', forever, 'MODEL_SERVER_FAILED', /no word for 0.3 s/],
    ['another model', (r) => stream(r, 'cheaper', ['a ']), 'MODEL_SERVER_FAILED', /answers as "cheaper"/],
    [
      'a gigantic event',
      (r) => stream(r, 'served', ['x'.repeat(2_000_000)]),
      'MODEL_SERVER_FAILED',
      /more than/,
    ],
    ['401', (r) => json(r, {}, 401), 'MODEL_SERVER_FAILED', /does not take the key/],
    ['404', (r) => json(r, {}, 404), 'MODEL_SERVER_FAILED', /no such route or model/],
    ['500', (r) => json(r, { error: 'secret path' }, 500), 'MODEL_SERVER_FAILED', /answered 500$/],
    [
      'a redirect',
      (r) => json(r, {}, 302, { location: 'http://127.0.0.1:9/' }),
      'MODEL_SERVER_FAILED',
      /not followed/,
    ],
    ['no room', (r) => json(r, {}, 429, { 'retry-after': '7' }), 'OVERLOADED', /is busy/],
    [
      'a prompt that does not fit',
      (r) => json(r, { message: "exceeds the model's maximum context length" }, 400),
      'PROMPT_TOO_LONG',
      /length/,
    ],
  ])('has a clear end for %s', async (_, answer, code, message) => {
    await using test = await ready();
    server.answer = answer;
    await expect(collect(test.models.generator, QUESTION)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('stops a model that never ends at the limit of the request', async () => {
    await using test = await ready();
    server.answer = (response) => {
      stream(response, 'served', [], { isCut: true });
      const chunk = `data: ${JSON.stringify({ choices: [{ delta: { content: 'on ' } }] })}\n\n`;
      const timer = setInterval(() => response.write(chunk), 1);
      response.once('close', () => clearInterval(timer));
    };
    const { done } = await collect(test.models.generator, { ...QUESTION, maxTokens: 4 });
    expect(done).toMatchObject({ finish: 'length' });
    await server.untilHungUp();
  });

  it('opens the breaker of a server that fails, says so, and refuses with the time until its probe', async () => {
    await using test = await ready();
    const { generator } = test.models;
    server.answer = (response) => json(response, {}, 500);
    for (let call = 0; call < 3; call++) {
      // As before each answer; it succeeds without the server.
      await generator.countTokens(['one two']);
      await expect(collect(generator, QUESTION)).rejects.toMatchObject({ code: 'MODEL_SERVER_FAILED' });
    }
    expect(generator.state()).toMatchObject({
      status: 'down',
      detail: expect.stringMatching(/^http:\S+ is left alone for \d+ s: it answered 500, breaker open$/),
    });
    expect(generator.servers?.()).toMatchObject([{ status: 'ok', breaker: 'open' }]);
    await expect(collect(generator, QUESTION)).rejects.toMatchObject({
      code: 'MODEL_NOT_READY',
      message: expect.stringMatching(/is left alone for \d+ s: it answered 500/),
    });
  });

  it('says that a server is busy, and for how long, to each who asks meanwhile', async () => {
    await using test = await ready();
    const { generator } = test.models;
    server.answer = (response) => json(response, {}, 429, { 'retry-after': '7' });
    await expect(collect(generator, QUESTION)).rejects.toMatchObject({ retryAfterMs: 7000 });
    const busy = new RegExp(`${server.url}/v1 is busy, and left alone for 7 s`);
    await expect(collect(generator, QUESTION)).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: expect.stringMatching(busy),
    });
    expect(generator.state()).toMatchObject({
      status: 'ready',
      detail: expect.stringContaining('which is busy, and left alone for 7 s'),
    });
  });
});

it('keeps a server that is busy when it is looked at, and leaves one that cannot be looked at', async () => {
  await using server = await startHostileServer();
  await using test = open(server.url);
  const { generator } = test.models;
  await untilState(generator, 'ready');
  let looks = 0;
  server.list = (response) => {
    looks++;
    json(response, {}, 429);
  };
  await expect.poll(() => looks).toBeGreaterThan(4);
  expect(generator.state().status).toBe('ready');
  const seen: (string | undefined)[] = [];
  server.list = (response) => {
    seen.push(generator.servers?.()[0]?.status);
    json(response, {}, 500);
  };
  await untilState(generator, 'down');
  expect(seen.slice(0, 3)).toEqual(['ok', 'ok', 'ok']);
});

it('goes on to say that a local model stands in while tokens are counted', async () => {
  const file = join(directory.path, 'near.gguf');
  writeScriptedModel(file, ['by ', 'the ', 'local']);
  await using server = await startHostileServer();
  await using test = openTestModels({
    generate: file,
    config: { remote: { generate: { servers: parseServers(server.url), key: undefined } } },
    remoteLimits: FAST,
  });
  const { generator } = test.models;
  await expect.poll(() => generator.state().detail, { timeout: 20_000 }).toContain('stands by');
  server.answer = (response) => json(response, {}, 500);
  expect((await collect(generator, QUESTION)).text).toBe('by the local');
  await generator.countTokens(['one two']);
  expect(generator.state().isStandIn).toBe(true);
});

it('marks what a local model wrote, also where a server answers another call meanwhile', async () => {
  const file = join(directory.path, 'meanwhile.gguf');
  writeScriptedModel(file, ['by ', 'the ', 'local']);
  await using server = await startHostileServer();
  await using test = openTestModels({
    generate: file,
    config: { remote: { generate: { servers: parseServers(server.url), key: undefined } } },
    remoteLimits: FAST,
  });
  const { generator } = test.models;
  await expect.poll(() => generator.state().detail, { timeout: 20_000 }).toContain('stands by');
  server.answer = (response) => json(response, {}, 500);
  const events = generator.generate(QUESTION)[Symbol.asyncIterator]();
  expect(await events.next()).toMatchObject({ value: { type: 'token' } });
  server.answer = (response) => stream(response, 'served', ['by ', 'a ', 'server']);
  const other = await collect(generator, QUESTION);
  const rest = [];
  for (let next = await events.next(); next.done !== true; next = await events.next()) rest.push(next.value);
  expect(rest.at(-1)).toMatchObject({ type: 'done', isStandIn: true });
  expect(other).toMatchObject({ text: 'by a server', done: { isStandIn: false } });
  expect(generator.state().isStandIn).toBeUndefined();
});

it('asks the next server of the list, as long as no word was shown', async () => {
  await using bad = await startHostileServer();
  await using good = await startHostileServer();
  await using test = open(`${bad.url},${good.url}`);
  const { generator } = test.models;
  const both = () => generator.servers?.().every(({ status }) => status === 'ok');
  await expect.poll(both).toBe(true);
  bad.answer = (response) => json(response, {}, 503, { 'retry-after': '1' });
  good.answer = (response) => stream(response, 'served', ['by ', 'the ', 'other']);
  const answers = await Promise.all(Array.from({ length: 6 }, () => collect(generator, QUESTION)));
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['by the other']));
  expect(bad.asked.filter(({ stream: isStream }) => isStream).length).toBeGreaterThan(0);
});

it('does not let another server begin anew what one left in the middle, and goes on with the other', async () => {
  await using dying = await startHostileServer();
  await using other = await startHostileServer();
  await using both = open(`${dying.url},${other.url}`);
  const ready = () => both.models.generator.servers?.().every(({ status }) => status === 'ok');
  await expect.poll(ready).toBe(true);
  const words: string[] = [];
  for (const server of [dying, other])
    server.answer = (response) => {
      stream(response, 'served', ['half '], { isCut: true });
      setTimeout(() => response.destroy(), 50);
    };
  const read = async () => {
    for await (const event of both.models.generator.generate(QUESTION))
      if (event.type === 'token') words.push(event.text);
  };
  await expect(read()).rejects.toMatchObject({
    code: 'MODEL_SERVER_FAILED',
    message: expect.stringMatching(/broke off \(ECONNRESET\)/),
  });
  expect(words.join('')).toBe('half ');
  await dying[Symbol.asyncDispose]();
  other.answer = undefined;
  expect((await collect(both.models.generator, QUESTION)).text).toBe('all is well');
  await expect
    .poll(() => both.models.generator.state().detail, { timeout: 10_000 })
    .toMatch(/^served at \S+, .*; http:\S+ cannot be reached \(ECONNREFUSED\)/);
});

it('says that a server without TLS speaks none', async () => {
  await using server = await startHostileServer();
  await using test = open(server.url.replace('http:', 'https:'));
  expect((await untilState(test.models.generator, 'down')).detail).toContain(
    'does its URL begin with http:?',
  );
});

it.each([
  ['a wrong key', { key: 'right' }, '', 'does not take the key'],
  ['a name that is not there', {}, '#other', 'has no model other, but served'],
  ['a certificate that nobody vouches for', { tls: SELF_SIGNED }, '', 'NODE_EXTRA_CA_CERTS'],
])('says of %s why there is no model', async (_, options, name, reason) => {
  await using server = await startHostileServer(options);
  await using test = open(server.url + name, { key: 'wrong' });
  expect((await untilState(test.models.generator, 'down')).detail).toContain(reason);
});

it('finds a server that comes up later', async () => {
  await using test = open('http://127.0.0.1:9');
  expect((await untilState(test.models.generator, 'down')).detail).toContain(
    'cannot be reached (ECONNREFUSED)',
  );
});
