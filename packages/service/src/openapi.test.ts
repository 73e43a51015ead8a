import { Problem, SearchRequest, SearchResponse } from '@xnai/contracts';
import { describe, expect, test } from 'vitest';
import type { App } from './app-type.ts';
import { openTestApp } from './testing/test-app.ts';

function addSearch(app: App): void {
  const schema = { body: SearchRequest, response: { 200: SearchResponse }, summary: 'Search' };
  app.post('/v1/search', { config: { scope: 'query' }, schema }, () => {
    throw new Error('not called');
  });
}

describe('/openapi.json', () => {
  test('is OpenAPI 3.1 made of the routes and their zod schemas', async () => {
    await using test = await openTestApp(addSearch);

    const document = (await test.app.inject('/openapi.json')).json();

    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'test', version: '1.2.3' } });
    expect(Object.keys(document.paths).sort()).toEqual(['/livez', '/metrics', '/readyz', '/v1/search']);
    expect(document.paths['/v1/search'].post).toMatchObject({
      summary: 'Search',
      operationId: 'postSearch',
      tags: ['search'],
      description: 'Scope: `query`.',
      security: [{ key: [] }],
      requestBody: {
        content: { 'application/json': { schema: { $ref: '#/components/schemas/SearchRequest' } } },
      },
      responses: {
        200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/SearchResponse' } } } },
        default: {
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    });
    expect(document.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect(document.paths['/livez'].get.security).toEqual([]);
  });

  test('has every schema that is referred to, and no other', async () => {
    await using test = await openTestApp(addSearch);

    const document = (await test.app.inject('/openapi.json')).json();

    const referred = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      ([, name]) => name,
    );
    expect(Object.keys(document.components.schemas).sort()).toEqual([...new Set(referred)].sort());
    expect(document.components.schemas.SearchRequest).toMatchObject({
      type: 'object',
      required: ['query'],
      additionalProperties: false,
      properties: { top_k: { type: 'integer', minimum: 1, maximum: 100, default: 10 } },
    });
    expect(JSON.stringify(document.components.schemas.SearchResponse)).not.toContain(
      '"additionalProperties":false',
    );
    expect(document.components.schemas).not.toHaveProperty('CrawlRequest');
    expect(JSON.stringify(document)).not.toContain('openapi-types');
  });

  test('the error schema is the one that errors have', async () => {
    await using test = await openTestApp(addSearch);

    const problem = (await test.app.inject({ method: 'POST', url: '/v1/search' })).json();

    expect(Problem.parse(problem)).toEqual(problem);
  });
});

describe('/docs', () => {
  test('is where the root of a service leads', async () => {
    await using test = await openTestApp(addSearch);
    expect((await test.app.inject('/')).headers.location).toBe('/docs');
  });

  test('is a page whose every part comes from the service itself', async () => {
    await using test = await openTestApp(addSearch);

    const page = await test.app.inject('/docs');

    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(link).toMatch(/^\/docs\/static\//);
      const { statusCode, headers } = await test.app.inject(link);
      expect(statusCode, link).toBe(200);
      expect(headers['x-content-type-options'], link).toBe('nosniff');
    }
    const initializer = await test.app.inject('/docs/static/swagger-initializer.js');
    expect(initializer.body).toContain('persistAuthorization');
    expect((await test.app.inject('/docs/json')).json().paths).toHaveProperty('/v1/search');
  });

  test('does not serve files from elsewhere', async () => {
    await using test = await openTestApp();

    for (const path of [
      '/docs/static/../package.json',
      '/docs/static/%2e%2e/package.json',
      '/docs/static/..%2fpackage.json',
    ]) {
      expect((await test.app.inject(path)).statusCode, path).toBeGreaterThanOrEqual(400);
    }
  });
});
