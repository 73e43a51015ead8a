import { describe, expect, test } from 'vitest';
import type { App } from './app-type.ts';
import { SCOPES } from './scopes.ts';
import { openTestApp } from './testing/test-app.ts';

function addRoutes(app: App): void {
  for (const scope of SCOPES) {
    app.get(`/v1/${scope}`, { config: { scope } }, async (request) => ({ caller: request.caller?.id }));
  }
}

describe('auth', () => {
  test('takes a key as bearer token or in X-API-Key', async () => {
    await using test = await openTestApp(addRoutes);

    for (const headers of [
      { authorization: `Bearer ${test.key}` },
      { authorization: `bearer  ${test.key}` },
      { 'x-api-key': test.key },
    ]) {
      const response = await test.app.inject({ url: '/v1/query', headers });
      expect(response.statusCode).toBe(200);
      expect(response.json().caller).toMatch(/^[0-9a-f]{12}$/);
    }
  });

  test.each([
    ['no key', {}],
    ['an unknown key', { authorization: `Bearer xnai_${'a'.repeat(43)}` }],
    ['another scheme', { authorization: 'Basic eG5haTp4' }],
    ['an empty key', { 'x-api-key': '' }],
  ])('answers 401 to %s', async (_name, headers) => {
    await using test = await openTestApp(addRoutes);

    const response = await test.app.inject({ url: '/v1/query', headers });

    expect(response.json()).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(response.headers['www-authenticate']).toBe('Bearer');
  });

  test('each scope opens its own routes and no others', async () => {
    await using test = await openTestApp(addRoutes);

    for (const own of SCOPES) {
      const headers = await test.authWith([own]);
      for (const scope of SCOPES) {
        const response = await test.app.inject({ url: `/v1/${scope}`, headers });
        expect(response.statusCode, `${own} on ${scope}`).toBe(own === scope ? 200 : 403);
        if (own !== scope)
          expect(response.json()).toMatchObject({
            code: 'FORBIDDEN',
            detail: expect.stringContaining(scope),
          });
      }
    }
  });

  test('comes before the body: a caller without a key learns nothing of its mistakes', async () => {
    await using test = await openTestApp((app) => {
      app.post('/v1/in', { config: { scope: 'ingest' } }, async () => ({}));
    });

    const response = await test.app.inject({ method: 'POST', url: '/v1/in', payload: 'not json' });

    expect(response.statusCode).toBe(401);
  });

  test('a route without a scope cannot be registered', async () => {
    await using test = await openTestApp();

    expect(() => test.app.get('/v1/forgotten', () => ({}))).toThrow('GET /v1/forgotten has no scope');
    expect(() => test.app.get('/docs-private', () => ({}))).toThrow('has no scope');
  });

  test.each(['/livez', '/readyz', '/openapi.json', '/docs'])('%s is open', async (url) => {
    await using test = await openTestApp();

    expect((await test.app.inject(url)).statusCode).toBe(200);
  });
});
