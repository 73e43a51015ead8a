import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startObjectStore, type TestObjectStore } from '@xnai/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBackup } from './create.ts';
import { partBytes } from './multipart.ts';
import { listBackups, readBackup } from './read-backups.ts';
import { type S3Options, s3Target } from './s3-target.ts';
import { makeStack } from './testing/make-stack.ts';

const MIB = 1024 ** 2;
let root: string;
let store: TestObjectStore;
const signal = AbortSignal.timeout(60_000);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'xnai-s3-'));
  store = await startObjectStore('kept');
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

/** @param change of the store that is asked, or of the target */
function open({ endpoint = store.endpoint, accessKeyId = store.login.accessKeyId, ...more }: Change = {}) {
  const login = { ...store.login, accessKeyId };
  return s3Target({
    store: { endpoint, region: 'us-east-1', login },
    bucket: 'kept',
    prefix: 'a/b',
    workFolder: join(root, 'work'),
    ...more,
  });
}

interface Change extends Partial<S3Options> {
  readonly endpoint?: string;
  readonly accessKeyId?: string;
}

async function backup(target: ReturnType<typeof open>) {
  const places = await makeStack(join(root, 'stack'), ['a', 'b']);
  const audit = { record: async () => ({ seq: 1 }) };
  return createBackup({ places, target, recipients: [], keep: 2, audit, signal });
}

async function largeFile(bytes: number): Promise<string> {
  await mkdir(join(root, 'work'), { recursive: true });
  const file = join(root, 'work', 'large');
  await writeFile(file, randomBytes(bytes));
  return file;
}

async function withServer<Result>(
  answer: RequestListener,
  work: (endpoint: string) => Promise<Result>,
): Promise<Result> {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a backup is uploaded, listed, read back, and followed by others until it is one too many', async () => {
  const target = open();
  const names: string[] = [];
  for (let count = 0; count < 3; count++) names.unshift((await backup(target)).name);
  const { backups } = await listBackups(target, signal);
  expect(backups.map(({ name }) => name)).toEqual(names.slice(0, 2));
  const [newest] = backups;
  if (newest === undefined) throw new Error('there is no backup');
  expect((await readBackup(newest, { target, identities: [], signal })).files).toHaveLength(6);
  expect(await readdir(join(root, 'work'))).toEqual([]);
});

test('a large file goes up in parts, in their order, and comes back as it was', async () => {
  const target = open({ partBytes: 5 * MIB });
  const file = await largeFile(12 * MIB);
  const before = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  await target.put('large', file, signal);
  const whole = createHash('sha256').update(
    Buffer.from(await new Response(await target.get('large', signal)).arrayBuffer()),
  );
  expect(whole.digest('hex')).toBe(before);
  expect(await readdir(join(root, 'work'))).toEqual([]);
});

test.each([
  ['a part that is refused', 403, ({ url = '' }: IncomingMessage) => /partNumber=2/.test(url)],
  [
    'an end that is refused in the text of a 200',
    200,
    ({ method, url = '' }: IncomingMessage) => method === 'POST' && /uploadId/.test(url),
  ],
])('%s gives up the upload, and leaves the file', async (_, status, isRefused) => {
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    asked.push(`${request.method} ${new URL(request.url ?? '', store.endpoint).search}`);
    request.resume().once('end', () => {
      if (isRefused(request)) {
        response.statusCode = status;
        return void response.end('<Error><Code>InternalError</Code></Error>');
      }
      response.setHeader('etag', '"tag"');
      response.end('<UploadId>one two</UploadId>');
    });
  };
  const file = await largeFile(2 * MIB);
  const refused = (url: string) => open({ endpoint: url, partBytes: MIB }).put('large', file, signal);
  await expect(withServer(answer, refused)).rejects.toMatchObject({
    code: 'TARGET',
    message: expect.stringContaining('InternalError'),
  });
  expect(asked[0]).toBe('POST ?uploads');
  expect(asked.at(-1)).toBe('DELETE ?uploadId=one%20two');
  expect((await stat(file)).size).toBe(2 * MIB);
});

test('parts grow with the file, since a store counts at most 10,000', () => {
  expect(partBytes(1000, 64 * MIB)).toBe(64 * MIB);
  const size = 5 * 1024 ** 4;
  expect(Math.ceil(size / partBytes(size, 64 * MIB))).toBeLessThanOrEqual(10_000);
});

// The store above makes its tokens with a cipher that OpenSSL has given up.
test('a list that comes in several answers is put together', async () => {
  const pages: Readonly<Record<string, string>> = {
    none: '<Contents><Key>a/b/one</Key></Contents><NextContinuationToken>t&amp;1</NextContinuationToken>',
    't&1': '<Contents><Key>a/b/two &lt;2&gt;</Key></Contents>',
  };
  const answer: RequestListener = ({ url }, response) => {
    const { searchParams } = new URL(url ?? '', store.endpoint);
    expect(searchParams.get('prefix')).toBe('a/b/');
    response.end(
      `<ListBucketResult>${pages[searchParams.get('continuation-token') ?? 'none']}</ListBucketResult>`,
    );
  };
  const listed = await withServer(answer, (url) => open({ endpoint: url }).list());
  expect(listed).toEqual(['one', 'two <2>']);
});

test.each([
  ['a login that is not known', { accessKeyId: 'nobody' }, '403 InvalidAccessKeyId'],
  ['a bucket that is not there', { bucket: 'other' }, '404 NoSuchBucket'],
  ['a store that is not there', { endpoint: 'http://127.0.0.1:1' }, 'cannot be reached'],
])('%s is named', async (_, change, reason) => {
  await expect(backup(open(change))).rejects.toMatchObject({
    code: 'TARGET',
    message: expect.stringContaining(reason),
  });
});

test('a store that gives back other bytes holds no backup', async () => {
  await withServer(
    (request, response) => {
      request.resume().once('end', () => response.end(request.method === 'GET' ? 'other bytes' : ''));
    },
    async (url) => {
      const list = async () => [];
      await expect(backup({ ...open({ endpoint: url }), list })).rejects.toMatchObject({ code: 'TORN' });
    },
  );
});

test('a store that never answers is given up with the signal', async () => {
  await withServer(
    () => {},
    async (url) => {
      const late = AbortSignal.timeout(300);
      await expect(open({ endpoint: url }).get('x', late)).rejects.toMatchObject({ name: 'TimeoutError' });
    },
  );
});

test('an object is read as it was put', async () => {
  await writeFile(join(root, 'file'), 'some text');
  await open().put('name', join(root, 'file'), signal);
  expect(await text(await open().get('name', signal))).toBe('some text');
  await open().remove('name');
  await expect(open().get('name', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
