import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AUTH, openTestRag, type TestRag } from './testing/open-test-rag.ts';

const MIB = 1024 ** 2;
const DOCUMENT = '/v1/collections/default/documents/a';
const markdown = (content: string) => ({ content, content_type: 'text/markdown' });

let rag: TestRag;
beforeAll(async () => {
  rag = await openTestRag();
  await rag.put('known', 'a walrus');
});
afterAll(() => rag[Symbol.asyncDispose]());
// Whatever was sent, the service goes on.
afterEach(async () => {
  const { body } = await rag.call('POST', '/v1/search', { query: 'walrus', filter: {} });
  expect(body.results[0]).toMatchObject({ document_id: 'known' });
});

const send = async (
  url: string,
  payload: Buffer | string,
  headers: object = {},
  method: 'PUT' | 'POST' = 'PUT',
) => {
  const all = { ...AUTH, 'content-type': 'application/json', ...headers };
  const response = await rag.app.inject({ method, url, headers: all, payload });
  return { status: response.statusCode, type: response.headers['content-type'], body: response.json() };
};

describe('a document is refused', () => {
  test.each<[string, unknown, number, string]>([
    ['that is empty', markdown(''), 400, 'BODY_EMPTY'],
    ['that is blank', markdown(' \n\t '), 400, 'BODY_EMPTY'],
    ['of 10 MiB and one byte', markdown('x'.repeat(10 * MIB + 1)), 413, 'BODY_TOO_LARGE'],
    ['of 10 MiB in more bytes than characters', markdown('é'.repeat(5 * MIB + 1)), 413, 'BODY_TOO_LARGE'],
    [
      'of HTML without text',
      { content: '<script>x</script><p></p>', content_type: 'text/html' },
      422,
      'DOCUMENT_NOT_READABLE',
    ],
    ['without a type', { content: 'x' }, 400, 'VALIDATION'],
    ['of a type that is not known', { content: 'x', content_type: 'image/png' }, 400, 'VALIDATION'],
    ['of a file that is not in base64', { content: 'x', content_type: 'application/pdf' }, 400, 'VALIDATION'],
    [
      'whose base64 is none',
      { content: 'x!', content_type: 'application/pdf', encoding: 'base64' },
      400,
      'VALIDATION',
    ],
    [
      'that is no PDF',
      { content: 'eHh4', content_type: 'application/pdf', encoding: 'base64' },
      422,
      'DOCUMENT_DAMAGED',
    ],
    [
      'whose charset got lost',
      { content: 'caf\ufffd \ufffd', content_type: 'text/plain' },
      422,
      'DOCUMENT_CHARSET',
    ],
    ['whose content is no text', { content: 1, content_type: 'text/plain' }, 400, 'VALIDATION'],
    ['with an unknown field', { ...markdown('x'), colour: 'red' }, 400, 'VALIDATION'],
    ['with a url that is none', { ...markdown('x'), url: 'nope' }, 400, 'VALIDATION'],
    ['with metadata in metadata', { ...markdown('x'), metadata: { a: { b: 1 } } }, 400, 'VALIDATION'],
    ['that is a list', [], 400, 'VALIDATION'],
    ['that is null', null, 400, 'BODY_EMPTY'],
  ])('%s', async (_, body, status, code) => {
    expect(await rag.call('PUT', DOCUMENT, body)).toMatchObject({ status, body: { status, code } });
  });

  test.each<[string, string, Buffer | string, object, number, string]>([
    ['in a body that is empty', DOCUMENT, '', {}, 400, 'BODY_EMPTY'],
    ['in a body of blanks', DOCUMENT, '   ', {}, 400, 'BODY_EMPTY'],
    ['in a body that is no JSON', DOCUMENT, '{"content"', {}, 400, 'BODY_NOT_JSON'],
    ['in a body that is not UTF-8', DOCUMENT, Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'NOT_UTF8'],
    [
      'in a body larger than any document as JSON',
      DOCUMENT,
      Buffer.alloc(21 * MIB, ' '),
      {},
      413,
      'BODY_TOO_LARGE',
    ],
    ['as a picture', DOCUMENT, 'x', { 'content-type': 'image/png' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'as bytes that are compressed',
      DOCUMENT,
      'x',
      { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ])('%s', async (_, url, payload, headers, status, code) => {
    const answer = await send(url, payload, headers);
    expect(answer).toMatchObject({ status, body: { code }, type: expect.stringContaining('problem+json') });
  });

  test('naming every field that is wrong', async () => {
    const { body } = await rag.call('PUT', DOCUMENT, { content: 1, content_type: 'x', colour: 'red' });
    const paths = body.errors.map(({ path }: { path: string }) => path).sort();
    expect(paths).toEqual(['colour', 'content', 'content_type']);
  });
});

describe('a name is refused', () => {
  test.each([
    ['an id with a slash', '/v1/collections/default/documents/a%2Fb', 400],
    // Clients and servers resolve the dots before any route sees them.
    ['an id of two dots', '/v1/collections/default/documents/%2e%2e', 404],
    ['an id that climbs', '/v1/collections/default/documents/..%2f..%2fetc', 400],
    ['an id with a blank', '/v1/collections/default/documents/a%20b', 400],
    ['an id of 201 characters', `/v1/collections/default/documents/${'a'.repeat(201)}`, 400],
    ['an id with NUL', '/v1/collections/default/documents/a%00', 400],
    ['an id that is badly encoded', '/v1/collections/default/documents/%zz', 400],
    ['a collection in capitals', '/v1/collections/Default/documents/a', 400],
    ['a collection of 65 characters', `/v1/collections/${'a'.repeat(65)}/documents/a`, 400],
    ['a collection that is SQL', "/v1/collections/x';drop%20table%20chunks/documents/a", 400],
  ])('%s', async (_, path, status) => {
    expect((await rag.call('PUT', path, markdown('x'))).status).toBe(status);
    expect((await rag.call('GET', path)).status).toBe(status);
    expect((await rag.call('DELETE', path)).status).toBe(status);
  });
});

describe('what is unknown is said to be', () => {
  test.each([
    ['GET', '/v1/collections/nope', 'COLLECTION_NOT_FOUND'],
    ['DELETE', '/v1/collections/nope', 'COLLECTION_NOT_FOUND'],
    ['GET', '/v1/collections/nope/documents', 'COLLECTION_NOT_FOUND'],
    ['GET', '/v1/collections/nope/documents/a', 'COLLECTION_NOT_FOUND'],
    ['DELETE', '/v1/collections/nope/documents/a', 'COLLECTION_NOT_FOUND'],
    ['GET', '/v1/collections/default/documents/nope', 'DOCUMENT_NOT_FOUND'],
    ['DELETE', '/v1/collections/default/documents/nope', 'DOCUMENT_NOT_FOUND'],
    ['GET', '/v1/nope', 'NOT_FOUND'],
  ] as const)('%s %s', async (method, path, code) => {
    expect(await rag.call(method, path)).toMatchObject({ status: 404, body: { code } });
  });

  test.each(['/v1/search', '/v1/query'])('a collection in POST %s', async (path) => {
    const answer = await rag.call('POST', path, { query: 'walrus', collection: 'nope' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'COLLECTION_NOT_FOUND' } });
  });
});

describe('a search is refused', () => {
  test.each<[string, unknown]>([
    ['without a query', {}],
    ['with an empty query', { query: '  ' }],
    ['with a query of 2,001 characters', { query: 'x'.repeat(2001) }],
    ['with a query that is no text', { query: ['walrus'] }],
    ['with top_k 0', { query: 'x', top_k: 0 }],
    ['with top_k 101', { query: 'x', top_k: 101 }],
    ['with top_k 1.5', { query: 'x', top_k: 1.5 }],
    ['with top_k as text', { query: 'x', top_k: '5' }],
    ['with an unknown mode', { query: 'x', mode: 'magic' }],
    ['with an unknown field', { query: 'x', limit: 5 }],
    ['with a filter that is no object', { query: 'x', filter: 'lang' }],
    ['with an empty list in its filter', { query: 'x', filter: { lang: [] } }],
    [
      'with a filter that is nested without end',
      { query: 'x', filter: JSON.parse(`${'{"not":'.repeat(1000)}1${'}'.repeat(1000)}`) },
    ],
    [
      'with too many keys in its filter',
      { query: 'x', filter: Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`k${n}`, n])) },
    ],
    ['in a collection that cannot be', { query: 'x', collection: '../etc' }],
  ])('%s', async (_, body) => {
    expect(await rag.call('POST', '/v1/search', body)).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION' },
    });
  });

  test.each(['?limit=0', '?limit=1001', '?limit=x', '?cursor=!!', '?cursor=', '?offset=1'])(
    'a list with %s',
    async (query) => {
      expect(await rag.call('GET', `/v1/collections${query}`)).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION' },
      });
    },
  );
});

describe('what looks dangerous is taken', () => {
  test.each([
    '"unbalanced',
    'a AND (b OR',
    'NEAR/3 NOT *',
    'title:walrus',
    "'; DROP TABLE documents; --",
    '\0walrus\0',
    '💥 walrus \ud800',
    'walrus '.repeat(280),
  ])('a query: %j', async (query) => {
    expect((await rag.call('POST', '/v1/search', { query })).status).toBe(200);
  });

  test('a document with NUL, half surrogates and a byte order mark', async () => {
    expect((await rag.put('nul', '\ufeff# A\0\n\nb \ud800 c')).status).toBe(201);
    expect((await rag.call('GET', '/v1/collections/default/documents/nul')).body.text).toBe(
      '# A\ufffd\n\nb \ufffd c',
    );
  });

  test('a document with a line of 1 MB, and one of 10 MiB of code', { timeout: 60_000 }, async () => {
    expect((await rag.put('line', 'word '.repeat(200_000))).status).toBe(201);
    const code = `\`\`\`\n${'code line\n'.repeat(MIB - 10)}\`\`\``;
    expect((await rag.put('code', code)).status).toBe(201);
    const { body } = await rag.call('GET', '/v1/collections/default/documents/code');
    expect(body.text).toBe(code);
    await rag.call('DELETE', '/v1/collections/default/documents/code');
  });

  test('HTML that is nested without end, and not closed', { timeout: 60_000 }, async () => {
    const content = `${'<div><p>'.repeat(50_000)}deep`;
    expect((await rag.put('deep', content, { content_type: 'text/html' })).status).toBe(201);
    expect((await rag.call('GET', '/v1/collections/default/documents/deep')).body.text.trim()).toBe('deep');
  });
});
