import { CODES, Problem } from '@xnai/contracts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { App } from './app-type.ts';
import { ServiceError } from './service-error.ts';
import { openTestApp } from './testing/test-app.ts';

const Input = z.strictObject({
  name: z.string().max(10),
  count: z.int().optional(),
  options: z.strictObject({ deep: z.boolean() }).optional(),
});

function addEcho(app: App): void {
  app.post(
    '/v1/echo',
    { config: { scope: 'query' }, schema: { body: Input } },
    async (request) => request.body,
  );
  const params = z.strictObject({ id: z.string().max(200) });
  const querystring = z.strictObject({ limit: z.coerce.number().int().max(10).default(5) });
  app.get(
    '/v1/things/:id',
    { config: { scope: 'query' }, schema: { params, querystring } },
    async (request) => ({
      id: request.params.id,
      limit: request.query.limit,
    }),
  );
}

function addThrowing(thrown: unknown): (app: App) => void {
  return (app) => {
    app.get('/v1/fail', { config: { scope: 'query' } }, async () => {
      throw thrown;
    });
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('bad input', () => {
  test.each([
    ['no body', {}, undefined, 'BODY_EMPTY', undefined],
    ['an empty body', JSON_TYPE, '', 'BODY_EMPTY', undefined],
    ['white space', JSON_TYPE, ' \n', 'BODY_EMPTY', undefined],
    ['half JSON', JSON_TYPE, '{"name":', 'BODY_NOT_JSON', undefined],
    ['JSON with a poisoned prototype', JSON_TYPE, '{"__proto__":{"a":1}}', 'BODY_NOT_JSON', undefined],
    ['bytes that are not UTF-8', JSON_TYPE, Buffer.from([0x7b, 0xff, 0x7d]), 'NOT_UTF8', undefined],
    ['plain text', { 'content-type': 'text/plain' }, 'name', 'UNSUPPORTED_MEDIA_TYPE', undefined],
    ['no content type', { 'content-type': '' }, '{}', 'UNSUPPORTED_MEDIA_TYPE', undefined],
    [
      'a compressed body',
      { ...JSON_TYPE, 'content-encoding': 'gzip' },
      '{}',
      'UNSUPPORTED_MEDIA_TYPE',
      undefined,
    ],
    ['null', JSON_TYPE, 'null', 'BODY_EMPTY', undefined],
    ['an array', JSON_TYPE, '[]', 'VALIDATION', ['']],
    ['a wrong type', JSON_TYPE, '{"name":1}', 'VALIDATION', ['name']],
    ['a missing field', JSON_TYPE, '{}', 'VALIDATION', ['name']],
    [
      'unknown fields, deep too',
      JSON_TYPE,
      '{"name":"a","x":1,"y":2,"options":{"deep":true,"z":1}}',
      'VALIDATION',
      ['options.z', 'x', 'y'],
    ],
    ['too much', JSON_TYPE, JSON.stringify({ name: 'x'.repeat(2000) }), 'BODY_TOO_LARGE', undefined],
    ['unclosed arrays', JSON_TYPE, '['.repeat(900), 'BODY_NOT_JSON', undefined],
  ] as const)('%s is answered with its code', async (_name, headers, payload, code, paths) => {
    await using test = await openTestApp(addEcho, { bodyLimitBytes: 1024 });

    const response = await test.app.inject({
      method: 'POST',
      url: '/v1/echo',
      headers: { ...test.auth, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });

    const problem = Problem.parse(response.json());
    expect(problem).toMatchObject({ code, status: CODES[code].status, title: CODES[code].title });
    expect(response.statusCode).toBe(CODES[code].status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(problem.request_id).toBe(response.headers['x-request-id']);
    expect(problem.errors?.map(({ path }) => path).sort()).toEqual(paths);
  });

  test.each(['text/plain', 'application/xml', '', ';'])(
    'a body of type "%s" is told the type that is expected',
    async (type) => {
      await using test = await openTestApp(addEcho);
      const headers = { ...test.auth, 'content-type': type };
      const response = await test.app.inject({ method: 'POST', url: '/v1/echo', headers, payload: '{}' });
      expect(response.json()).toMatchObject({
        status: 415,
        detail: expect.stringContaining('application/json'),
      });
    },
  );

  test('a million nested arrays are refused like any wrong type', async () => {
    await using test = await openTestApp(addEcho, { bodyLimitBytes: 10 * 1024 ** 2 });

    const response = await test.app.inject({
      method: 'POST',
      url: '/v1/echo',
      headers: { ...test.auth, ...JSON_TYPE },
      payload: `{"name":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
    });

    expect(response.statusCode).toBe(400);
  });

  test('a byte order mark does no harm', async () => {
    await using test = await openTestApp(addEcho);

    const response = await test.app.inject({
      method: 'POST',
      url: '/v1/echo',
      headers: { ...test.auth, ...JSON_TYPE },
      payload: '\uFEFF{"name":"a"}',
    });

    expect(response.json()).toEqual({ name: 'a' });
  });

  test('parameters and query are checked like bodies', async () => {
    await using test = await openTestApp(addEcho);
    const get = async (url: string) => (await test.app.inject({ url, headers: test.auth })).json();

    expect(await get('/v1/things/a%2Fb?limit=7')).toEqual({ id: 'a/b', limit: 7 });
    expect(await get('/v1/things/a?limit=11')).toMatchObject({
      code: 'VALIDATION',
      errors: [{ path: 'limit' }],
    });
    expect(await get('/v1/things/a?limit=1&limt=2')).toMatchObject({
      code: 'VALIDATION',
      errors: [{ path: 'limt', message: 'unknown field; did you mean limit?' }],
    });
    expect(await get(`/v1/things/${'a'.repeat(300)}`)).toMatchObject({
      code: 'VALIDATION',
      errors: [{ path: 'id' }],
    });
  });

  test.each([
    [{}, 'name: is required'],
    [{ nme: 'a' }, 'name: is required; nme: unknown field; did you mean name?'],
    [{ title: 'a' }, 'name: is required; title: unknown field; did you mean name?'],
    [{ title: 'a', name: 'b' }, 'title: unknown field; there are name, count, options'],
    [{ name: 7 }, 'name: expected a text, not 7'],
    [{ name: null }, 'name: expected a text, not null'],
  ])('%j is answered with what was expected', async (payload, detail) => {
    await using test = await openTestApp(addEcho);
    const response = await test.app.inject({ method: 'POST', url: '/v1/echo', headers: test.auth, payload });
    expect(response.json().detail).toBe(detail);
  });

  test.each([
    ['{"name": "a",, "b": 1}', /^The body is not valid JSON: .*position 13/],
    ['{"name": {"__proto__": 1}}', /"__proto__"/],
  ])('%s is answered with the place', async (payload, detail) => {
    await using test = await openTestApp(addEcho);
    const headers = { ...test.auth, ...JSON_TYPE };
    const response = await test.app.inject({ method: 'POST', url: '/v1/echo', headers, payload });
    expect(response.json()).toMatchObject({ code: 'BODY_NOT_JSON', detail: expect.stringMatching(detail) });
  });

  test('a route without a body ignores the type of an empty one', async () => {
    await using test = await openTestApp(addEcho);
    const headers = { ...test.auth, ...JSON_TYPE };
    const response = await test.app.inject({
      method: 'GET',
      url: '/v1/things/a?limit=7',
      headers,
      payload: '',
    });
    expect(response.statusCode).toBe(200);
  });

  test.each([
    ['GET', '/v1/echo', '/v1/echo takes POST, not GET'],
    ['POST', '/echo', 'There is no /echo; did you mean /v1/echo?'],
    ['POST', '/v1/responses', 'There is no /v1/responses; POST goes to /v1/echo'],
    ['POST', '/v1/each', 'There is no /v1/each; POST goes to /v1/echo'],
    ['POST', '/elsewhere', 'There is no /elsewhere; all routes stand at /docs'],
  ] as const)('%s %s names what there is, whatever the body', async (method, url, message) => {
    await using test = await openTestApp(addEcho);
    for (const headers of [{}, JSON_TYPE, { 'content-type': 'text/csv' }]) {
      const payload = method === 'POST' ? { payload: '{' } : {};
      const response = await test.app.inject({ method, url, headers, ...payload });
      expect(response.json()).toMatchObject({ detail: message, error: { message } });
    }
  });

  test.each([
    ['/v1/things/%', 400, 'VALIDATION'],
    [`/v1/things/${'a'.repeat(5000)}`, 400, 'VALIDATION'],
    ['/v1/nothing', 404, 'NOT_FOUND'],
    ['/v1/echo', 405, 'METHOD_NOT_ALLOWED'],
    ['/v1/../etc/passwd', 404, 'NOT_FOUND'],
  ])('GET %s is a problem with status %i', async (url, status, code) => {
    await using test = await openTestApp(addEcho);

    const response = await test.app.inject({ url, headers: test.auth });

    expect(Problem.parse(response.json())).toMatchObject({ status, code });
    expect(response.statusCode).toBe(status);
    expect(response.headers['x-request-id']).toBe(response.json().request_id);
    if (status === 405) expect(response.headers.allow).toBe('POST');
  });
});

describe('errors of handlers', () => {
  test.each([
    [
      'ours',
      new ServiceError('COLLECTION_NOT_FOUND', { detail: 'There is no collection x' }),
      'COLLECTION_NOT_FOUND',
      undefined,
    ],
    [
      'an open breaker',
      Object.assign(new Error('open'), { code: 'BREAKER_OPEN', retryAfterMs: 4200 }),
      'BREAKER_OPEN',
      '5',
    ],
    [
      'an isolated breaker',
      Object.assign(new Error('held'), { code: 'BREAKER_ISOLATED', retryAfterMs: 1 }),
      'BREAKER_OPEN',
      '1',
    ],
    ['a full bulkhead', Object.assign(new Error('full'), { code: 'BULKHEAD_FULL' }), 'OVERLOADED', '1'],
    ['a full service', new ServiceError('OVERLOADED', { retryAfterMs: 30_000 }), 'OVERLOADED', '30'],
    ['a lost store', Object.assign(new Error('down'), { code: 'STORE_DOWN' }), 'REDIS_UNAVAILABLE', '1'],
    ['a deadline', new DOMException('late', 'TimeoutError'), 'DEADLINE_EXCEEDED', undefined],
    ['an abort', new DOMException('stop', 'AbortError'), 'DEADLINE_EXCEEDED', undefined],
    ['a bug', new TypeError('x is not a function at /secret/path'), 'INTERNAL', undefined],
    ['a string', 'oops secret', 'INTERNAL', undefined],
    [
      'a system error',
      Object.assign(new Error('ENOENT: /secret/path'), { code: 'ENOENT' }),
      'INTERNAL',
      undefined,
    ],
  ] as const)('%s has its place in the table', async (_name, thrown, code, retryAfter) => {
    await using test = await openTestApp(addThrowing(thrown));

    const response = await test.app.inject({ url: '/v1/fail', headers: test.auth });

    expect(Problem.parse(response.json())).toMatchObject({ code, status: CODES[code].status });
    expect(response.headers['retry-after']).toBe(retryAfter);
  });

  test('a 5xx never shows its cause, and logs it with the request id', async () => {
    const cause = new Error('cannot open /secret/path');
    await using test = await openTestApp(addThrowing(new ServiceError('INTERNAL', { cause })));

    const response = await test.app.inject({
      url: '/v1/fail',
      headers: { ...test.auth, 'x-request-id': 'r-1' },
    });

    expect(response.body).not.toContain('secret');
    expect(test.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        request_id: 'r-1',
        err: expect.objectContaining({ message: 'cannot open /secret/path', stack: expect.any(String) }),
      }),
    );
  });

  test('an answer that does not fit its own schema is our fault, not shown', async () => {
    await using test = await openTestApp((app) => {
      const schema = { response: { 200: z.object({ n: z.int() }) } };
      app.get('/v1/wrong', { config: { scope: 'query' }, schema }, async () => ({ n: 'secret' }) as never);
    });

    const response = await test.app.inject({ url: '/v1/wrong', headers: test.auth });

    expect(response.json()).toMatchObject({ code: 'INTERNAL', detail: CODES.INTERNAL.title });
    expect(response.body).not.toContain('secret');
  });

  test("an app can give other packages' errors a place", async () => {
    await using test = await openTestApp(addThrowing(new RangeError('disk')), {
      mapError: (error) => (error instanceof RangeError ? new ServiceError('STORAGE_FULL') : undefined),
    });

    expect((await test.app.inject({ url: '/v1/fail', headers: test.auth })).json().code).toBe('STORAGE_FULL');
  });
});

describe('request ids', () => {
  test.each([
    ['abc-123', true],
    ['a'.repeat(128), true],
    ['a'.repeat(129), false],
    ['with space', false],
    ['"quoted"', false],
    ['', false],
  ])('%j is taken over: %s', async (given, isTaken) => {
    await using test = await openTestApp(addEcho);

    const { headers } = await test.app.inject({ url: '/livez', headers: { 'x-request-id': given } });

    expect(headers['x-request-id'] === given).toBe(isTaken);
    expect(headers['x-request-id']).toMatch(/^[A-Za-z0-9._:-]{1,128}$/);
  });

  test('stand in the log line of the request, which has no query string', async () => {
    await using test = await openTestApp(addEcho);

    await test.app.inject({ url: '/v1/things/a?limit=3', headers: { ...test.auth, 'x-request-id': 'r-2' } });

    expect(test.lines).toContainEqual(
      expect.objectContaining({
        request_id: 'r-2',
        method: 'GET',
        path: '/v1/things/a',
        status: 200,
        level: 'info',
      }),
    );
    expect(JSON.stringify(test.lines)).not.toContain('limit=3');
  });

  test('are new for each request without one', async () => {
    await using test = await openTestApp();
    const ids = await Promise.all(
      [1, 2].map(async () => (await test.app.inject('/livez')).headers['x-request-id']),
    );

    expect(new Set(ids).size).toBe(2);
  });
});

test('answers carry nosniff and no word of the framework', async () => {
  await using test = await openTestApp();

  const { headers } = await test.app.inject('/livez');

  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(headers).not.toHaveProperty('server');
});
