import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../store/store.ts';
import { AUTH, openTestRag, type TestRag } from '../testing/open-test-rag.ts';

let rag: TestRag;
beforeAll(async () => {
  rag = await openTestRag();
});
beforeEach(async () => {
  const { body } = await rag.call('GET', '/v1/collections');
  for (const { name } of body.collections) await rag.call('DELETE', `/v1/collections/${name}`);
});
afterAll(() => rag[Symbol.asyncDispose]());

const DOCUMENTS = '/v1/collections/default/documents';
const GUIDE = '# Guide\n\nA walrus.\n\n## Install\n\nRun it.\n';

describe('putting a document', () => {
  test('answers 201 when it is new, 200 and `unchanged` when it is the same, 200 when it is replaced', async () => {
    const first = await rag.put('a', GUIDE);
    expect(first).toMatchObject({
      status: 201,
      body: { id: 'a', collection: 'default', status: 'indexed', chunks: 2 },
    });
    const again = await rag.put('a', GUIDE);
    expect(again).toMatchObject({ status: 200, body: { ...first.body, status: 'unchanged' } });
    const other = await rag.put('a', 'Something else.');
    expect(other).toMatchObject({ status: 200, body: { status: 'indexed', chunks: 1 } });
    expect(other.body.content_hash).not.toBe(first.body.content_hash);
  });

  test('with another title or url is another content', async () => {
    await rag.put('a', GUIDE, { title: 'One' });
    expect((await rag.put('a', GUIDE, { title: 'Two' })).body.status).toBe('indexed');
    expect((await rag.put('a', GUIDE, { title: 'Two', url: 'https://x.org/' })).body.status).toBe('indexed');
    expect((await rag.put('a', GUIDE, { title: 'Two', url: 'https://x.org/' })).body.status).toBe(
      'unchanged',
    );
  });

  test('with other metadata alone is unchanged, and keeps the new metadata', async () => {
    await rag.put('a', GUIDE, { metadata: { crawl: 1, old: true } });
    expect((await rag.put('a', GUIDE, { metadata: { crawl: 2 } })).body.status).toBe('unchanged');
    expect((await rag.call('GET', `${DOCUMENTS}/a`)).body.metadata).toEqual({ crawl: 2 });
  });

  test('of the same id twice at once leaves one of the two, whole', async () => {
    const all = await Promise.all([rag.put('a', 'one walrus'), rag.put('a', 'two walruses')]);
    expect(all.map(({ status }) => status)).toEqual([201, 200]);
    expect((await rag.call('GET', `${DOCUMENTS}/a`)).body.text).toBe('two walruses');
    expect((await rag.call('GET', '/v1/collections/default')).body).toMatchObject({
      documents: 1,
      chunks: 1,
    });
  });

  test('takes its title from the document unless one is given', async () => {
    await rag.put('a', GUIDE);
    await rag.put('b', GUIDE, { title: 'Given' });
    await rag.put('c', '<title>Page</title><h1>Head</h1>text', { content_type: 'text/html' });
    await rag.put('d', 'no title', { content_type: 'text/plain' });
    const { body } = await rag.call('GET', DOCUMENTS);
    expect(body.documents.map(({ title }: { title: string }) => title)).toEqual([
      'Guide',
      'Given',
      'Page',
      null,
    ]);
  });
});

/** An index as it is found after an update, before its documents are read again. */
function withoutBlocks(index: Store): Store {
  return {
    ...index,
    getDocument: async (key, options) => {
      const document = await index.getDocument(key, options);
      if (document === undefined) return undefined;
      const chunks = document.chunks.map((chunk) => ({ ...chunk, blocks: undefined }));
      return { ...document, chunks, isOutdated: true };
    },
  };
}

describe('getting documents', () => {
  test('gives the stored text and chunks that are slices of it', async () => {
    await rag.put('a', GUIDE, { url: 'https://example.org/', metadata: { n: 1 } });
    const { status, body } = await rag.call('GET', `${DOCUMENTS}/a`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 'a',
      collection: 'default',
      title: 'Guide',
      url: 'https://example.org/',
      content_type: 'text/markdown',
      bytes: Buffer.byteLength(GUIDE),
      metadata: { n: 1 },
      text: GUIDE,
      chunks: [
        { chunk_id: 'a#0', heading: ['Guide'], text: 'A walrus.' },
        { chunk_id: 'a#1', heading: ['Guide', 'Install'], text: 'Run it.' },
      ],
    });
    for (const { start, end, text } of body.chunks) expect(body.text.slice(start, end)).toBe(text);
  });

  test('tells one that waits to be read again from one without blocks', async () => {
    await using older = await openTestRag({ between: withoutBlocks });
    await older.put('a', GUIDE);
    const { body } = await older.call('GET', `${DOCUMENTS}/a`);
    expect(body).toMatchObject({ text: GUIDE, blocks: [], tables: [], outdated: true });
    await rag.put('a', GUIDE);
    const current = (await rag.call('GET', `${DOCUMENTS}/a`)).body;
    expect(current.blocks).toHaveLength(4);
    expect(current).not.toHaveProperty('outdated');
  });

  test('pages through the list with opaque cursors', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await rag.put(id, `text of ${id}`);
    const ids: string[] = [];
    let path = `${DOCUMENTS}?limit=2`;
    for (let pages = 1; ; pages += 1) {
      const { body } = await rag.call('GET', path);
      ids.push(...body.documents.map(({ id }: { id: string }) => id));
      if (body.next_cursor === null) {
        expect(pages).toBe(3);
        break;
      }
      path = `${DOCUMENTS}?limit=2&cursor=${encodeURIComponent(body.next_cursor)}`;
    }
    expect(ids).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('lists collections with their counts', async () => {
    await rag.put('a', GUIDE);
    const { body } = await rag.call('GET', '/v1/collections');
    expect(body).toEqual({
      collections: [
        {
          name: 'default',
          documents: 1,
          chunks: 2,
          bytes: GUIDE.length,
          updated_at: expect.stringMatching(/^\d{4}-.*Z$/),
          embedding_model: null,
          embedding_dimensions: null,
          embedded_chunks: 0,
          divided_chunks: 0,
          quarantined_chunks: 0,
        },
      ],
      next_cursor: null,
    });
  });
});

describe('deleting', () => {
  test('answers 204 once, and 404 with the reason afterwards', async () => {
    await rag.put('a', GUIDE);
    // As many clients send every request.
    const typed = { 'content-type': 'application/json' };
    expect((await rag.call('DELETE', `${DOCUMENTS}/a`, undefined, typed)).status).toBe(204);
    expect(await rag.call('DELETE', `${DOCUMENTS}/a`)).toMatchObject({
      status: 404,
      body: { code: 'DOCUMENT_NOT_FOUND' },
    });
    expect((await rag.call('DELETE', '/v1/collections/default')).status).toBe(204);
    const gone = { status: 404, body: { code: 'COLLECTION_NOT_FOUND' } };
    expect(await rag.call('DELETE', '/v1/collections/default')).toMatchObject(gone);
    expect(await rag.call('DELETE', `${DOCUMENTS}/a`)).toMatchObject(gone);
  });
});

describe('uploading a file', () => {
  const upload = async (name: string, content: string | Buffer, field = 'file') => {
    const form = new FormData();
    form.append(field, new Blob([content]), name);
    const request = new Request('http://x', { method: 'POST', body: form });
    const payload = Buffer.from(await request.arrayBuffer());
    const headers = { ...AUTH, 'content-type': request.headers.get('content-type') ?? '' };
    const response = await rag.app.inject({ method: 'POST', url: DOCUMENTS, headers, payload });
    return { status: response.statusCode, body: response.json() };
  };

  test('takes its id from the content and its type from the name', async () => {
    const first = await upload('guide.MD', GUIDE);
    expect(first).toMatchObject({
      status: 201,
      body: { status: 'indexed', chunks: 2, id: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
    expect(await upload('copy.md', GUIDE)).toMatchObject({
      status: 200,
      body: { id: first.body.id, status: 'unchanged' },
    });
    await upload('page.html', '<title>Page</title><p>text');
    await upload('notes.txt', '# not a heading');
    const { body } = await rag.call('GET', DOCUMENTS);
    const types = body.documents.map((one: { content_type: string }) => one.content_type).sort();
    expect(types).toEqual(['text/html', 'text/markdown', 'text/plain']);
  });

  test.each([
    ['a program', 'file.exe', 'MZ', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a file whose name lies', 'file.docx', 'text', 422, 'DOCUMENT_DAMAGED'],
    ['a name without type', 'file', 'text', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['an empty file', 'a.md', ' \n', 400, 'BODY_EMPTY'],
    ['more than 10 MiB', 'a.txt', Buffer.alloc(10 * 1024 ** 2 + 1, 'x'), 413, 'BODY_TOO_LARGE'],
  ])('refuses %s', async (_, name, content, status, code) => {
    expect(await upload(name, content)).toMatchObject({ status, body: { code } });
  });

  test('refuses a body that is no form', async () => {
    const refused = { status: 415, body: { detail: 'Expected multipart/form-data' } };
    expect(await rag.call('POST', DOCUMENTS, { file: 'x' })).toMatchObject(refused);
    expect(await rag.call('POST', DOCUMENTS, 'x', { 'content-type': 'text/plain' })).toMatchObject(refused);
    const headers = { ...AUTH, 'content-type': 'multipart/form-data; boundary=x' };
    const response = await rag.app.inject({ method: 'POST', url: DOCUMENTS, headers, payload: '--x--\r\n' });
    expect(response.statusCode).toBe(400);
  });

  test('takes a code block of 10 MiB', { timeout: 60_000 }, async () => {
    const lines = 'const x = 1; // code\n'.repeat(499_200);
    const { status, body } = await upload('big.md', `\`\`\`\n${lines}\`\`\`\n`);
    expect(status).toBe(201);
    expect(body.chunks).toBeGreaterThan(6000);
  });
});
