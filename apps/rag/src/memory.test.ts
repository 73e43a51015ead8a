import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpfs } from '@xnai/resilience';
import { mountTmpfs } from '@xnai/testing';
import { expect, test, vi } from 'vitest';
import { openTestRag, SERVICE_AUTH } from './testing/open-test-rag.ts';

const SIZE_BYTES = 4 * 1024 ** 2;

test('a tmpfs that fills up puts off what services send, then refuses all documents with the figure; questions go on', {
  timeout: 60_000,
}, async (context) => {
  using disk = mountTmpfs(context, `size=${SIZE_BYTES}`);
  await using rag = await openTestRag({ memorySources: () => [tmpfs(disk.path)] });
  const fill = async (share: number, level: string) => {
    await writeFile(join(disk.path, 'fill'), Buffer.alloc(Math.ceil(share * SIZE_BYTES)));
    await vi.waitFor(
      async () => expect((await rag.call('GET', '/v1/breakers')).body.resources[0].level).toBe(level),
      { timeout: 20_000, interval: 50 },
    );
  };
  const put = (id: string, headers: Readonly<Record<string, string>> = {}) =>
    rag.call('PUT', `/v1/collections/default/documents/${id}`, DOCUMENT, headers);

  await fill(0.5, 'ok');
  expect((await put('a', SERVICE_AUTH)).status).toBe(201);

  await fill(0.85, 'shed');
  expect(await put('b', SERVICE_AUTH)).toMatchObject({ status: 503, body: { code: 'OVERLOADED' } });
  expect((await put('b')).status).toBe(201);
  expect((await rag.call('GET', '/readyz')).body).toMatchObject({
    status: 'degraded',
    degraded: ['memory'],
  });

  await fill(0.95, 'refuse');
  const refused = await put('c');
  expect(refused).toMatchObject({ status: 503, body: { code: 'OVERLOADED' } });
  expect(refused.body.detail).toMatch(/^memory is nearly used up: tmpfs \S+ 95\.\d % of 4 MiB$/);
  expect(refused.headers['retry-after']).toBe('10');
  expect((await upload(rag.app)).statusCode).toBe(503);
  expect((await rag.call('POST', '/v1/search', { query: 'walrus' })).body.results).toHaveLength(2);
  expect((await rag.call('DELETE', '/v1/collections/default/documents/a')).status).toBe(204);
});

const DOCUMENT = { content: 'a walrus', content_type: 'text/plain' };

function upload(app: Awaited<ReturnType<typeof openTestRag>>['app']) {
  const payload =
    '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nwalrus\r\n--x--\r\n';
  const headers = { ...SERVICE_AUTH, 'content-type': 'multipart/form-data; boundary=x' };
  return app.inject({ method: 'POST', url: '/v1/collections/default/documents', payload, headers });
}
