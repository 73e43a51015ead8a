import { afterAll, beforeAll, expect, test } from 'vitest';
import { CRAWLER_AUTH, openTestRag, type TestRag } from '../testing/open-test-rag.ts';

let rag: TestRag;
beforeAll(async () => {
  rag = await openTestRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

const C = '/v1/collections/web';

interface PutOptions {
  readonly headers?: Record<string, string>;
  readonly metadata?: object;
}

function put(id: string, content: string, { headers, ...more }: PutOptions = {}) {
  const url = `https://site.example/${id}`;
  const body = { content, content_type: 'text/markdown', url, metadata: { trust: 'web', etag: id }, ...more };
  return rag.call('PUT', `${C}/documents/${id}`, body, headers);
}

test('pages with one text are one document with aliases, and an alias that has not changed stays one', async () => {
  expect(await put('a', 'Walruses.')).toMatchObject({ status: 201, body: { status: 'indexed' } });
  for (const _time of ['first', 'second']) {
    const joined = { status: 'joined', id: 'b', kept_as: 'a' };
    expect(await put('b', 'Walruses.')).toMatchObject({ status: 200, body: joined });
  }
  const aliases = { aliases: ['https://site.example/b'], alias_count: 1 };
  expect((await rag.call('GET', `${C}/documents/a`)).body).toMatchObject(aliases);
  expect((await rag.call('GET', `${C}/documents/b`)).body).toMatchObject({ id: 'a' });
  const { addresses } = (await rag.call('GET', `${C}/addresses?prefix=https://site.example/&limit=1`)).body;
  expect(addresses).toMatchObject([{ id: 'a', document_id: 'a', metadata: { etag: 'a' } }]);
  expect((await rag.call('GET', `${C}/addresses/b`)).body).toMatchObject({ document_id: 'a', links: null });
  expect(await rag.call('DELETE', `${C}/documents/a`)).toMatchObject({ status: 204 });
  expect((await rag.call('GET', `${C}/documents`)).body.documents).toMatchObject([{ id: 'b' }]);
  expect((await rag.call('GET', `${C}/documents/a`)).status).toBe(404);
});

test("a crawler's key lists, puts and deletes pages of the web alone", async () => {
  const headers = CRAWLER_AUTH;
  await rag.call('PUT', `${C}/documents/mine`, { content: 'Private.', content_type: 'text/plain' });
  expect((await put('page', 'Seals.', { headers })).status).toBe(201);
  const { addresses } = (await rag.call('GET', `${C}/addresses`, undefined, headers)).body;
  expect(addresses.map(({ id }: { id: string }) => id)).not.toContain('mine');
  const refused = { status: 403, body: { code: 'DOCUMENT_NOT_WEB' } };
  expect(await put('mine', 'Overwritten.', { headers })).toMatchObject(refused);
  expect(await put('other', 'No page.', { headers, metadata: {} })).toMatchObject(refused);
  expect(await rag.call('DELETE', `${C}/documents/mine`, undefined, headers)).toMatchObject(refused);
  expect((await rag.call('GET', `${C}/addresses/mine`, undefined, headers)).status).toBe(404);
  expect((await rag.call('DELETE', `${C}/documents/page`, undefined, headers)).status).toBe(204);
  expect((await rag.call('DELETE', `${C}/documents/page`, undefined, headers)).status).toBe(404);
  expect(await rag.call('GET', `${C}/documents/mine`, undefined, headers)).toMatchObject(refused);
  for (const [method, path] of [
    ['GET', `${C}/documents`],
    ['DELETE', C],
  ] as const)
    expect(await rag.call(method, path, undefined, headers)).toMatchObject({ body: { code: 'FORBIDDEN' } });
  expect((await rag.call('GET', `${C}/documents/mine`)).body.text).toBe('Private.');
});
