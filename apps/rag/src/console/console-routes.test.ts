import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestRag, type TestRag } from '../testing/open-test-rag.ts';

describe('the console at /', () => {
  let folder: string;
  let rag: TestRag;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'console-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
    await writeFile(join(folder, 'assets/index-1a2b.js'), 'export {};');
    rag = await openTestRag({ consoleFolder: folder });
  });
  afterAll(async () => {
    await rag[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const get = (url: string, headers = {}) => rag.app.inject({ method: 'GET', url, headers });

  const POLICY =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

  test('is the built page, which may load files of this service and nothing else', async () => {
    const page = await get('/');
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('<title>Console</title>');
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['content-security-policy']).toBe(POLICY);
  });

  test('guards every answer, also without a body or a file', async () => {
    const { etag } = (await get('/assets/index-1a2b.js')).headers;
    const answers = await Promise.all([
      get('/'),
      get('/', { 'if-none-match': (await get('/')).headers.etag }),
      get('/assets/index-1a2b.js', { 'if-none-match': etag }),
      rag.app.inject({ method: 'HEAD', url: '/' }),
      rag.app.inject({ method: 'HEAD', url: '/assets/index-1a2b.js' }),
      get('/assets/none.js'),
      get('/assets/..%2findex.html'),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 304, 304, 200, 200, 404, 404]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'content-security-policy': POLICY,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  test('is asked for again by its ETag; its files are kept, as their names change with them', async () => {
    const page = await get('/');
    expect(page.headers['cache-control']).toBe('no-cache');
    const again = await get('/', { 'if-none-match': page.headers.etag });
    expect(again.statusCode).toBe(304);
    const script = await get('/assets/index-1a2b.js');
    expect(script.headers['content-type']).toContain('application/javascript');
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(script.headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('has no other files, and the API beside it is as it was', async () => {
    for (const url of [
      '/assets/none.js',
      '/assets/../index.html',
      '/assets/%2e%2e/index.html',
      '/index.html',
    ]) {
      expect((await get(url)).statusCode, url).toBe(404);
    }
    expect((await get('/docs')).statusCode).toBe(200);
    expect((await get('/v1/collections')).statusCode).toBe(401);
  });
});

test('without a build, / says so and leads to the API', async () => {
  await using rag = await openTestRag({ consoleFolder: join(tmpdir(), 'no-such-folder') });
  const page = await rag.app.inject('/');
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('npm run setup');
  expect(page.body).toContain('href="/docs"');
});
