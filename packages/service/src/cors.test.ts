import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { App } from './app-type.ts';
import { commonEnv } from './common-env.ts';
import { streamEvents } from './event-stream.ts';
import { openTestApp } from './testing/test-app.ts';

const ORIGIN = 'https://chat.example';

function addRoutes(app: App): void {
  const config = { scope: 'query' } as const;
  app.post('/v1/search', { config, schema: { body: z.object({}) } }, () => ({ found: true }));
  app.get('/v1/events', { config }, (request, reply) =>
    streamEvents(request, reply, ({ send }) => send('done', {})),
  );
}

function preflight(origin: string) {
  return {
    method: 'OPTIONS',
    url: '/v1/search',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-stainless-lang',
    },
  } as const;
}

describe('with XNAI_CORS_ORIGINS', () => {
  const options = { corsOrigins: [ORIGIN, 'http://localhost:3000'] };

  test('the preflight of a listed origin is answered without a key', async () => {
    await using test = await openTestApp(addRoutes, options);
    const { statusCode, headers, body } = await test.app.inject(preflight(ORIGIN));
    expect({ statusCode, body }).toEqual({ statusCode: 204, body: '' });
    expect(headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': expect.stringContaining('DELETE'),
      'access-control-allow-headers': 'authorization,content-type,x-stainless-lang',
      vary: 'Origin',
    });
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test('answers, errors and streams can be read by a listed origin, and Retry-After with them', async () => {
    await using test = await openTestApp(addRoutes, options);
    const headers = { origin: ORIGIN, ...test.auth };
    for (const request of [
      { method: 'POST', url: '/v1/search', headers, payload: {} },
      { method: 'POST', url: '/v1/search', headers: { origin: ORIGIN }, payload: {} },
      { method: 'GET', url: '/v1/events', headers },
      { method: 'GET', url: '/v1/nothing', headers },
    ] as const) {
      const answer = await test.app.inject(request);
      expect(answer.headers, `${request.url} ${answer.statusCode}`).toMatchObject({
        'access-control-allow-origin': ORIGIN,
        'access-control-expose-headers': expect.stringMatching(/Retry-After.*X-Request-Id/),
      });
    }
  });

  test('a key is needed as without an origin', async () => {
    await using test = await openTestApp(addRoutes, options);
    const request = { method: 'POST', url: '/v1/search', headers: { origin: ORIGIN }, payload: {} } as const;
    expect((await test.app.inject(request)).statusCode).toBe(401);
  });

  test.each(['https://chat.example.evil', 'http://chat.example', 'https://chat.example:8443', 'null'])(
    'origin %s, which is not listed, gets nothing',
    async (origin) => {
      await using test = await openTestApp(addRoutes, options);
      const answers = [
        await test.app.inject(preflight(origin)),
        await test.app.inject({ url: '/livez', headers: { origin } }),
      ];
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([405, 200]);
      for (const { headers } of answers) expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );
});

test('without the setting there is no header of CORS, and OPTIONS is refused', async () => {
  await using test = await openTestApp(addRoutes);
  const { statusCode, headers } = await test.app.inject(preflight(ORIGIN));
  expect(statusCode).toBe(405);
  expect(Object.keys(headers).filter((name) => /^(access-control|vary)/.test(name))).toEqual([]);
});

describe('XNAI_CORS_ORIGINS', () => {
  test('is a list of exact origins', () => {
    const text = `${ORIGIN}, http://localhost:3000`;
    expect(commonEnv.XNAI_CORS_ORIGINS.parse(text)).toEqual([ORIGIN, 'http://localhost:3000']);
    expect(commonEnv.XNAI_CORS_ORIGINS.parse(undefined)).toEqual([]);
  });

  test.each([
    '*',
    'chat.example',
    'https://chat.example/',
    'https://chat.example/app',
    'null',
    'HTTPS://CHAT',
  ])('%s is refused', (text) => {
    expect(commonEnv.XNAI_CORS_ORIGINS.safeParse(text).error?.issues[0]?.message).toMatch(
      'expected exact origins such as https://chat.example',
    );
  });
});
