import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SELF_SIGNED, startObjectStore, type TestObjectStore } from '@xnai/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openBucket } from './open-bucket.ts';
import type { ObjectStore } from './settings.ts';

let store: TestObjectStore;

beforeEach(async () => {
  store = await startObjectStore('kept');
});
afterEach(async () => {
  vi.useRealTimers();
  await store[Symbol.asyncDispose]();
});

const open = (more: Partial<ObjectStore> = {}) =>
  openBucket({ endpoint: store.endpoint, region: 'us-east-1', login: store.login, ...more }, 'kept');

/** Answers in the place of the store. */
function answer(status: number, headers: Readonly<Record<string, string>>, text = ''): void {
  store.instead = (_request, response) => void response.writeHead(status, headers).end(text);
}

const xml = (code: string, more = '') => `<?xml version="1.0"?><Error><Code>${code}</Code>${more}</Error>`;

it('puts the bucket into the path, or into the host name where the endpoint says so', () => {
  expect(open({ endpoint: 'https://s3.example.org:9000' }).urlOf('a b/ü.gguf')).toBe(
    'https://s3.example.org:9000/kept/a%20b/%C3%BC.gguf',
  );
  expect(open({ endpoint: 'https://{bucket}.s3.example.org' }).urlOf('a.gguf')).toBe(
    'https://kept.s3.example.org/a.gguf',
  );
});

it('reads what was put, and a part of it', async () => {
  await open().call('a b+c.txt', { method: 'PUT', body: 'some text' });
  expect(await (await open().call('a b+c.txt')).text()).toBe('some text');
  const part = await open().call('a b+c.txt', { headers: { range: 'bytes=5-' } });
  expect([part.status, await part.text()]).toEqual([206, 'text']);
});

it('says why HEAD was refused, although its answer has no text', async () => {
  await expect(open().call('none', { method: 'HEAD' })).rejects.toMatchObject({
    code: 'NO_OBJECT',
    message: expect.stringContaining('404 NoSuchKey'),
  });
});

it.each([
  [42, 'behind'],
  [-300, 'ahead of'],
])('says by how much the clock is wrong, which it is by %i minutes', async (minutes, word) => {
  await open().call('a', { method: 'PUT', body: 'x' });
  // The server compares with the same clock: it is wrong only while the request is signed.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - minutes * 60_000 });
  const read = open().call('a');
  vi.useRealTimers();
  const error = await read.catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'CLOCK', message: expect.stringContaining('RequestTimeTooSkewed') });
  const date = new Date(Date.now() + minutes * 60_000).toUTCString();
  answer(403, { date }, xml('AccessDenied'));
  await expect(open().call('a')).rejects.toMatchObject({
    code: 'CLOCK',
    message: `the clock of this machine is ${Math.abs(minutes)} minutes ${word} that of ${new URL(store.endpoint).host} (403 AccessDenied)`,
  });
});

it('does not blame a clock that is right', async () => {
  answer(403, {}, xml('AccessDenied', '<Message>Forbidden: No such key: GK12</Message>'));
  await expect(open().call('a')).rejects.toMatchObject({
    code: 'DENIED',
    message: expect.stringContaining('or it is not there (403 AccessDenied: Forbidden: No such key: GK12)'),
  });
});

it.each([
  [
    301,
    { 'x-amz-bucket-region': 'eu-west-1', location: 'https://else.where' },
    xml('PermanentRedirect'),
    'REGION',
    'set XNAI_S3_REGION=eu-west-1',
  ],
  [
    400,
    {},
    xml('AuthorizationHeaderMalformed', '<Region>garage</Region>'),
    'REGION',
    'set XNAI_S3_REGION=garage',
  ],
  [
    307,
    { location: 'https://else.where/' },
    '',
    'REFUSED',
    'sends on to https://else.where/ (307), which is not followed',
  ],
  [503, { 'retry-after': '7' }, xml('SlowDown'), 'BUSY', 'has no room for the request now (503 SlowDown)'],
  [403, {}, xml('InvalidObjectState'), 'REFUSED', 'is archived and must be restored'],
  [400, {}, xml('ExpiredToken'), 'DENIED', 'is no longer valid'],
  [500, {}, xml('InternalError'), 'FAILED', 'answered 500 InternalError'],
  [404, { 'content-type': 'text/html' }, '<html>not here</html>', 'ODD', 'is it the port of the S3 API?'],
  [
    400,
    {},
    xml('InvalidBucketName', '<Message>not\u001b[31m valid</Message>'),
    'REFUSED',
    '400 InvalidBucketName: not [31m valid',
  ],
])('%i %o %s is %s', async (status, headers, text, code, message) => {
  answer(status, headers, text);
  const error = await open()
    .call('a')
    .catch((error: unknown) => error);
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  if (status === 503) expect(error).toMatchObject({ retryable: true, retryAfterMs: 7000 });
});

it('says that a certificate is not trusted, and what helps', async () => {
  const server = createServer(SELF_SIGNED).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(open({ endpoint }).call('a')).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringMatching(/certificate of 127\.0\.0\.1:\d+ is not trusted .*NODE_EXTRA_CA_CERTS/),
  });
  server.close();
});
