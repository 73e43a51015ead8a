import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AUTH, openTestRag, type TestRag } from '../testing/open-test-rag.ts';

let rag: TestRag;
beforeAll(async () => {
  rag = await openTestRag();
});
beforeEach(async () => {
  await rag.call('DELETE', '/v1/collections/default');
});
afterAll(() => rag[Symbol.asyncDispose]());

const DOCUMENTS = '/v1/collections/default/documents';

async function post(payload: Buffer | string, type: string) {
  const headers = { ...AUTH, 'content-type': type };
  const response = await rag.app.inject({ method: 'POST', url: DOCUMENTS, headers, payload });
  return { status: response.statusCode, body: response.json() };
}

type Part = readonly [name: string, value: string, file?: string];

/** Parts in this order; those with a file name are files. */
async function upload(...parts: readonly Part[]) {
  const form = new FormData();
  for (const [name, value, file] of parts) {
    if (file === undefined) form.append(name, value);
    else form.append(name, new Blob([value]), file);
  }
  const request = new Request('http://x', { method: 'POST', body: form });
  return post(Buffer.from(await request.arrayBuffer()), request.headers.get('content-type') ?? '');
}

const FILE: Part = ['file', 'The library closes at nine.', 'hours.txt'];
const FIELDS: readonly Part[] = [
  ['title', 'Opening hours'],
  ['url', 'https://library.example/hours'],
  ['metadata', '{"year":2024}'],
];
const first = async () => (await rag.call('GET', DOCUMENTS)).body.documents[0];

describe('an uploaded file', () => {
  test.each([
    ['after', [FILE, ...FIELDS]],
    ['before', [...FIELDS, FILE]],
  ])('takes the fields %s it', async (_, parts) => {
    expect((await upload(...parts)).status).toBe(201);
    expect(await first()).toMatchObject({
      title: 'Opening hours',
      url: 'https://library.example/hours',
      metadata: { year: 2024, file_name: 'hours.txt' },
    });
  });

  test('has its name as the title where it has none itself, without folders', async () => {
    await upload(['file', 'The library closes at nine.', 'C:\\tmp\\hours.txt']);
    expect(await first()).toMatchObject({ title: 'hours.txt', metadata: { file_name: 'hours.txt' } });
    const { body } = await rag.call('POST', '/v1/query', { query: 'When does the library close?' });
    expect(body.citations).toMatchObject([{ title: 'hours.txt', url: null }]);
    await rag.call('DELETE', '/v1/collections/default');
    await upload(['file', '# Library\n\nIt closes at nine.', 'a.md']);
    expect(await first()).toMatchObject({ title: 'Library', metadata: { file_name: 'a.md' } });
  });

  test.each([
    ['data.csv', 'name,hours\nlibrary,nine', 'text/csv', ['row', 'row']],
    ['data.json', '{"library":"closes at nine"}', 'application/json', ['definition']],
    ['tide.py', 'def tide():\n    return 4\n', 'text/plain', ['code']],
  ])('%s is read by its kind', async (name, content, type, kinds) => {
    const { status, body } = await upload(['file', content, name]);
    expect(status).toBe(201);
    const document = (await rag.call('GET', `${DOCUMENTS}/${body.id}`)).body;
    expect(document.content_type).toBe(type);
    expect(document.blocks.map(({ kind }: { kind: string }) => kind)).toEqual(kinds);
  });

  test.each([
    ['download', '<!doctype html><title>Port</title><p>Open', 201, { status: 'indexed' }],
    ['page.tmp', '<html><p>Open', 201, { status: 'indexed' }],
    ['paper.part', '%PDF-1.7\n', 422, { code: 'DOCUMENT_DAMAGED' }],
  ])('%s, whose name and type say nothing, is known by its bytes', async (name, content, status, body) => {
    expect(await upload(['file', content, name])).toMatchObject({ status, body });
    if (status === 201) expect((await first()).content_type).toBe('text/html');
  });

  test.each([
    ['a.txt', 'PK\x05\x06'.padEnd(22, '\0'), 'A zip archive is not read'],
    ['a.csv', '\x7fELF'.padEnd(64, '\0'), 'A program is not read'],
    ['backup', 'Rar!'.padEnd(64, '\0'), 'A compressed archive is not read'],
    ['notes.txt', 'ID3\x04'.padEnd(64, '\0'), 'Audio or video is not read'],
  ])('%s is refused as what its bytes are, and by that name', async (name, content, detail) => {
    expect(await upload(['file', content, name])).toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_MEDIA_TYPE', detail },
    });
  });

  test.each<[string, readonly Part[], RegExp]>([
    [
      'beside another one, with a title for both',
      [FILE, ['title', 'x'], ['file', 'x', 'b.txt']],
      /^title: belongs to one file, and the form has 2$/,
    ],
    [
      'with an unknown field',
      [FILE, ['colour', 'red']],
      /^colour: unknown field; there are title, url, metadata$/,
    ],
    ['with a field twice', [FILE, ['title', 'a'], ['title', 'b']], /title/],
    ['with a url that is none', [FILE, ['url', 'nope']], /url/],
    ['with metadata that is no object', [FILE, ['metadata', '[1]']], /metadata/],
    ['with metadata that is no JSON', [FILE, ['metadata', '{']], /metadata/],
    ['that is not there', [['title', 'x']], /no file/],
  ])('is refused %s', async (_, parts, detail) => {
    const refused = { status: 400, body: { detail: expect.stringMatching(detail) } };
    expect(await upload(...parts)).toMatchObject(refused);
    expect((await rag.call('GET', '/v1/collections/default')).status).toBe(404);
  });

  test('is answered beside others, each with what became of it, and one that fails fails alone', async () => {
    const { status, body } = await upload(
      FILE,
      ['metadata', '{"year":2024}'],
      ['file', 'Rar!'.padEnd(64, '\0'), 'backup'],
      ['file', '# Museum\n\nIt is free on Sunday.', 'museum.md'],
      ['file', 'The library closes at nine.', 'hours.txt'],
    );
    expect(status).toBe(207);
    expect(body.files).toMatchObject([
      { file_name: 'hours.txt', status: 'indexed', chunks: 1 },
      { file_name: 'backup', error: { code: 'UNSUPPORTED_MEDIA_TYPE', status: 415 } },
      { file_name: 'museum.md', status: 'indexed' },
      { file_name: 'hours.txt', status: 'unchanged' },
    ]);
    const { documents } = (await rag.call('GET', DOCUMENTS)).body;
    expect(documents.map(({ title }: { title: string }) => title).sort()).toEqual(['Museum', 'hours.txt']);
    expect(documents.map(({ metadata }: { metadata: object }) => metadata)).toEqual([
      expect.objectContaining({ year: 2024 }),
      expect.objectContaining({ year: 2024 }),
    ]);
  });

  test.each<[string, readonly Part[], RegExp]>([
    [
      'are too many',
      Array.from({ length: 101 }, (_, n): Part => ['file', `text ${n}`, `${n}.txt`]),
      /100 files/,
    ],
    [
      'are too large together',
      Array.from({ length: 3 }, (_, n): Part => ['file', `${n}`.repeat(8 * 1024 ** 2), `${n}.txt`]),
      /20 MiB together/,
    ],
  ])('is refused with all others that %s', async (_, parts, detail) => {
    expect(await upload(...parts)).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE', detail: expect.stringMatching(detail) },
    });
    expect((await rag.call('GET', '/v1/collections/default')).status).toBe(404);
  });

  test('is refused where a file has no name', async () => {
    const nameless = 'Content-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream';
    const body = `--X\r\n${nameless}\r\n\r\nThe library\r\n--X--\r\n`;
    expect(await post(body, 'multipart/form-data; boundary=X')).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION', detail: 'The file in the field file has no name' },
    });
  });

  const head = '--X\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nThe lib';
  test.each([
    ['has no boundary', head, 'multipart/form-data'],
    ['has too long a boundary', head, `multipart/form-data; boundary=${'b'.repeat(250)}`],
    ['ends early', head, 'multipart/form-data; boundary=X'],
    ['ends in the head of a part', head.slice(0, 40), 'multipart/form-data; boundary=X'],
    ['is empty', '', 'multipart/form-data; boundary=X'],
  ])('is refused where its body %s', async (_, payload, type) => {
    expect((await post(payload, type)).status).toBe(400);
  });
});
