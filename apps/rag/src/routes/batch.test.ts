import { BatchResult } from '@xnai/contracts';
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

const URL = '/v1/collections/default/documents::batch';

async function send(payload: string | Buffer, type = 'application/x-ndjson') {
  const headers = { ...AUTH, 'content-type': type };
  const response = await rag.app.inject({ method: 'POST', url: URL, headers, payload });
  return { status: response.statusCode, type: response.headers['content-type'], body: response.body };
}

async function batch(lines: readonly (object | string)[]): Promise<readonly BatchResult[]> {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const { status, type, body } = await send(text);
  expect([status, type]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
  return body
    .trimEnd()
    .split('\n')
    .map((line) => BatchResult.parse(JSON.parse(line)));
}

const document = (id: string, content: string) => ({ id, content, content_type: 'text/markdown' });

describe('a batch', () => {
  test('puts each document, and answers in the order of the lines', async () => {
    const documents = Array.from({ length: 50 }, (_, n) => document(`d${n}`, `walrus number ${n}`));
    const results = await batch(documents);
    expect(results.map((result) => [result.line, result.id])).toEqual(
      documents.map(({ id }, n) => [n + 1, id]),
    );
    expect(results.every((result) => 'status' in result && result.status === 'indexed')).toBe(true);
    const { body } = await rag.call('GET', '/v1/collections/default');
    expect(body).toMatchObject({ documents: 50 });
    expect(await batch([document('d7', 'walrus number 7')])).toMatchObject([
      { line: 1, status: 'unchanged' },
    ]);
  });

  test('goes on after a document that fails, and says by its line what is wrong', async () => {
    const results = await batch([
      document('a', 'walrus'),
      '{"id":"b",',
      { content: 'no id', content_type: 'text/plain' },
      { ...document('c', 'x'), colour: 'red' },
      '',
      document('d', '  '),
      { ...document('e', 'x'), content_type: 'image/png' },
      document('f', 'seal'),
    ]);
    expect(
      results.map((result) => [result.line, result.id, 'error' in result ? result.error.code : 'ok']),
    ).toEqual([
      [1, 'a', 'ok'],
      [2, undefined, 'BODY_NOT_JSON'],
      [3, undefined, 'VALIDATION'],
      [4, 'c', 'VALIDATION'],
      [6, 'd', 'BODY_EMPTY'],
      [7, 'e', 'VALIDATION'],
      [8, 'f', 'ok'],
    ]);
    expect(results[3]).toMatchObject({ error: { detail: expect.stringContaining('colour') } });
  });

  test.each([
    ['an unknown field', { content: 'x', content_type: 'text/plain', colour: 'red' }],
    ['a missing one', { content: 'x' }],
    ['one of another type', { content: 5, content_type: 'text/plain' }],
  ])('names %s in the words of a single document', async (_, wrong) => {
    const { body } = await rag.call('PUT', '/v1/collections/default/documents/a', wrong);
    const [result] = await batch([{ id: 'a', ...wrong }]);
    const { code, detail, errors } = body;
    expect(result).toMatchObject({ error: { code, detail, errors } });
  });

  test('answers a fault of the service without its cause, and logs that once', async () => {
    const lines: string[] = [];
    await using broken = await openTestRag({
      out: { write: (line) => lines.push(line) },
      between: (index) => ({
        ...index,
        upsertDocument: () => Promise.reject(new Error('walrus on the line')),
      }),
    });
    const payload = ['a', 'b'].map((id) => JSON.stringify(document(id, 'x'))).join('\n');
    const headers = { ...AUTH, 'content-type': 'application/x-ndjson' };
    const { body } = await broken.app.inject({ method: 'POST', url: URL, headers, payload });
    expect(body.match(/"code":"INTERNAL"/g)).toHaveLength(2);
    expect(body).not.toContain('walrus');
    expect(lines.filter((line) => line.includes('walrus on the line'))).toHaveLength(1);
  });

  test('takes the last of several lines with one id', async () => {
    await batch([document('a', 'first'), document('a', 'second'), document('a', 'third')]);
    expect((await rag.call('GET', '/v1/collections/default/documents/a')).body.text).toBe('third');
  });

  test.each([
    ['an empty body', '', 'application/x-ndjson', 400],
    ['blank lines', '\n \n', 'application/x-ndjson', 400],
    ['another type', '{}', 'application/json', 415],
  ])('of %s is refused', async (_, payload, type, status) => {
    expect((await send(payload, type)).status).toBe(status);
  });

  test('answers bytes that are no UTF-8 and a line that is too long by their lines', async () => {
    const long = Buffer.alloc(21 * 1024 ** 2, 'x');
    const payload = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x0a]),
      long,
      Buffer.from(`\n${JSON.stringify(document('a', 'walrus'))}\r\n`),
    ]);
    const { body } = await send(payload);
    const results = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(results).toMatchObject([
      { line: 1, error: { code: 'NOT_UTF8' } },
      { line: 2, error: { code: 'BODY_TOO_LARGE' } },
      { line: 3, id: 'a', status: 'indexed' },
    ]);
  });
});
