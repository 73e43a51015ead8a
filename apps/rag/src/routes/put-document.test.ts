import { type DeliveredDocument, TEXT_DOCUMENT_TYPE, type TextDocument } from '@xnai/contracts';
import { readHtml } from '@xnai/text/html';
import { DocumentWriter } from '@xnai/text/writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUTH, openTestRag, type TestRag } from '../testing/open-test-rag.ts';

let rag: TestRag;
beforeAll(async () => {
  rag = await openTestRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

const DOCUMENTS = '/v1/collections/default/documents';
const PAGE = '<title>Ports</title><h1>Ports</h1><dl><dt>ssh<dd>22 over <b>TCP</b></dl><p>The end.</p>';

async function put(path: string, payload: Buffer | string, type: string) {
  const url = `${DOCUMENTS}/${path}`;
  const headers = { ...AUTH, 'content-type': type };
  const response = await rag.app.inject({ method: 'PUT', url, headers, payload });
  return { status: response.statusCode, body: response.json() };
}

const get = async (id: string) => (await rag.call('GET', `${DOCUMENTS}/${id}`)).body;

describe('a document put as its own bytes', () => {
  test('is read by its type, with what the query says of it', async () => {
    const query = 'title=Given&url=https%3A%2F%2Fa.example%2F&metadata=%7B%22year%22%3A2024%7D';
    expect(await put(`raw?${query}`, PAGE, 'text/html; charset=utf-8')).toMatchObject({ status: 201 });
    expect(await get('raw')).toMatchObject({
      title: 'Given',
      url: 'https://a.example/',
      content_type: 'text/html',
      metadata: { year: 2024 },
      blocks: [{ kind: 'heading', level: 1 }, { kind: 'definition', term: 'ssh' }, { kind: 'paragraph' }],
    });
  });

  test('has its own title, and the name of its file where it has none and none is given', async () => {
    const titleOf = async (content: string, more: object = {}) => {
      const metadata = { file_name: 'tides.md' };
      const body = { content, content_type: 'text/markdown', metadata, ...more };
      await put('named', JSON.stringify(body), 'application/json');
      return (await get('named')).title;
    };
    expect(await titleOf('# Tides\n\nFour a day.')).toBe('Tides');
    expect(await titleOf('Four a day.')).toBe('tides.md');
    expect(await titleOf('Four a day, and more.', { title: 'Given' })).toBe('Given');
  });

  test('may be in any charset, and any language of source code', async () => {
    const latin = Buffer.from('Die Bibliothek schließt um fünf Uhr, im Winter früher als üblich.', 'latin1');
    expect((await put('latin', latin, 'text/plain')).status).toBe(201);
    expect((await get('latin')).text).toContain('schließt um fünf');
    expect((await put('code', 'def tide():\n    return 4\n', 'text/x-python')).status).toBe(201);
    expect(await get('code')).toMatchObject({
      content_type: 'text/plain',
      inline: 'none',
      blocks: [{ kind: 'code' }],
    });
  });

  test.each([
    ['with a field that is unknown', 'a?colour=red', 'x', 'text/plain', 400, 'VALIDATION'],
    ['with metadata that is no JSON', 'a?metadata=%7B', 'x', 'text/plain', 400, 'VALIDATION'],
    ['that is blank', 'a', ' \n', 'text/plain', 400, 'BODY_EMPTY'],
    ['of another type than it says', 'a', 'Hello', 'application/pdf', 422, 'DOCUMENT_DAMAGED'],
    [
      'as JSON with fields in the query too',
      'a?title=x',
      '{"content":"x","content_type":"text/plain"}',
      'application/json',
      400,
      'VALIDATION',
    ],
    ['of more than 10 MiB', 'a', Buffer.alloc(10 * 1024 ** 2 + 1, 'x'), 'text/plain', 413, 'BODY_TOO_LARGE'],
  ])('is refused %s', async (_, path, payload, type, status, code) => {
    expect(await put(path, payload, type)).toMatchObject({ status, body: { code } });
  });

  test('is the same as in base64', async () => {
    const content = Buffer.from(PAGE).toString('base64');
    const put = { content, content_type: 'text/html', encoding: 'base64' };
    expect((await rag.call('PUT', `${DOCUMENTS}/packed`, put)).status).toBe(201);
    const { blocks, text } = await get('packed');
    expect({ blocks, text }).toEqual(pick(readHtml(PAGE).document));
  });

  test('is unchanged when it comes again', async () => {
    await put('twice', PAGE, 'text/html');
    expect((await put('twice', PAGE, 'text/html')).body.status).toBe('unchanged');
  });
});

function pick({ blocks, text }: TextDocument) {
  return { blocks, text };
}

describe('a document that was read before', () => {
  const deliver = (id: string, body: DeliveredDocument) => put(id, JSON.stringify(body), TEXT_DOCUMENT_TYPE);
  const { document } = readHtml(PAGE);

  test('may be as large as the page that it was read from, although its blocks take several times the room', async () => {
    const rows = Array.from({ length: 130_000 }, (_, n) => `<tr><td>${n}<td>a<td>b`).join('');
    const { document } = readHtml(`<h1>Numbers</h1><table>${rows}</table>`);
    const body = JSON.stringify({ document });
    expect(body.length).toBeGreaterThan(20 * 1024 ** 2);
    expect((await put('dense', body, TEXT_DOCUMENT_TYPE)).status).toBe(201);
    const envelope = JSON.stringify({ content: document.text, content_type: 'text/plain', note: body });
    expect(await put('envelope', envelope, 'application/json')).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE' },
    });
  });

  test('is stored as it is: text, blocks, tables, anchors and losses', async () => {
    const writer = new DocumentWriter({ inline: 'code' });
    writer.page = 2;
    writer.anchor('top');
    writer.heading(1, 'Prices');
    const table = writer.table(['Plan', 'Price']);
    writer.row(table, ['Plan', 'Price'], { isHeader: true });
    writer.row(table, ['Gold', '£29'], { isHeader: false });
    writer.lose('navigation', 120);
    const given = writer.end({
      title: 'Prices',
      language: 'en',
      pages: { unit: 'sheet', names: ['A', 'Costs'] },
    });
    expect((await deliver('whole', { document: given, metadata: { n: 1 } })).status).toBe(201);
    expect(await get('whole')).toMatchObject({ ...given, content_type: 'text/html', metadata: { n: 1 } });
    const page = { page: 2, page_unit: 'sheet', page_name: 'Costs' };
    const found = await rag.call('POST', '/v1/search', { query: 'Gold price' });
    expect(found.body.results[0]).toMatchObject({ document_id: 'whole', ...page });
    const { body } = await rag.call('POST', '/v1/query', { query: 'What is the price of Gold?' });
    expect(body).toMatchObject({ answer: 'Plan: Gold; Price: £29 [1]', citations: [page] });
  });

  test('is what the same page gives that is put as HTML', async () => {
    await deliver('delivered', { document });
    await put('parsed', PAGE, 'text/html');
    const { id: _, content_hash: __, updated_at: ___, ...delivered } = await get('delivered');
    const { id: ____, content_hash: _____, updated_at: ______, ...parsed } = await get('parsed');
    const unnamed = ({ chunks, ...rest }: { chunks: { chunk_id: string }[] }) => ({
      ...rest,
      chunks: chunks.map(({ chunk_id: _, ...chunk }) => chunk),
    });
    expect(unnamed(delivered)).toEqual(unnamed(parsed));
  });

  test('is unchanged with other metadata alone, and indexed anew with other blocks', async () => {
    await deliver('same', { document, metadata: { crawl: 1 } });
    expect((await deliver('same', { document, metadata: { crawl: 2 } })).body.status).toBe('unchanged');
    expect((await get('same')).metadata).toEqual({ crawl: 2 });
    const relabelled = document.blocks.map((block) =>
      block.kind === 'paragraph' ? { ...block, kind: 'quote' as const } : block,
    );
    expect((await deliver('same', { document: { ...document, blocks: relabelled } })).body.status).toBe(
      'indexed',
    );
  });

  const [heading, definition, paragraph] = document.blocks;
  const lying = (block: object) => ({
    document: { ...document, blocks: [heading, definition, { ...paragraph, ...block }] },
  });

  test.each<[string, object, number, string, RegExp]>([
    [
      'a block ends behind the text',
      lying({ end: 9999 }),
      422,
      'DOCUMENT_NOT_READABLE',
      /^Block 2 \(paragraph\): ends at 9999/,
    ],
    [
      'blocks overlap',
      lying({ start: 0, bodyStart: 0 }),
      422,
      'DOCUMENT_NOT_READABLE',
      /^Block 2 \(paragraph\): begins at 0/,
    ],
    ['its section is no heading', lying({ section: 1 }), 422, 'DOCUMENT_NOT_READABLE', /section 1/],
    [
      'text is in no block',
      { document: { ...document, blocks: [heading] } },
      422,
      'DOCUMENT_NOT_READABLE',
      /belongs to/,
    ],
    ['a block has no kind', lying({ kind: 'magic' }), 400, 'VALIDATION', /document\.blocks\.2/],
    ['an offset is negative', lying({ start: -1 }), 400, 'VALIDATION', /document\.blocks\.2\.start/],
    ['it is none', { text: 'x' }, 400, 'VALIDATION', /document/],
    ['a field is unknown', { document, colour: 'red' }, 400, 'VALIDATION', /./],
    ['its type is none', { document, content_type: 'html' }, 400, 'VALIDATION', /content_type/],
    [
      'it holds no text',
      { document: { ...document, text: '', blocks: [], anchors: {} } },
      422,
      'DOCUMENT_NOT_READABLE',
      /no text/,
    ],
  ])('is refused where %s', async (_, body, status, code, detail) => {
    expect(await put('lying', JSON.stringify(body), TEXT_DOCUMENT_TYPE)).toMatchObject({
      status,
      body: { code, detail: expect.stringMatching(detail) },
    });
    expect((await rag.call('GET', `${DOCUMENTS}/lying`)).status).toBe(404);
  });

  test.each([
    ['no JSON', '{"document"', 'BODY_NOT_JSON'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'NOT_UTF8'],
    ['nothing', ' ', 'BODY_EMPTY'],
  ])('is refused as %s', async (_, payload, code) => {
    expect(await put('bad', payload, TEXT_DOCUMENT_TYPE)).toMatchObject({ status: 400, body: { code } });
  });
});
