import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import S3rver from 's3rver';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBackup } from './create.ts';
import { listBackups, readBackup } from './read-backups.ts';
import { type S3Options, s3Target } from './s3-target.ts';
import { makeStack } from './testing/make-stack.ts';

let root: string;
let store: S3rver;
let endpoint: string;
const signal = AbortSignal.timeout(60_000);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'xnai-s3-'));
  const directory = join(root, 'store');
  store = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: 'kept', configs: [] }],
  });
  endpoint = `http://127.0.0.1:${(await store.run()).port}`;
});
afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true });
});

const open = (more: Partial<S3Options> = {}) =>
  s3Target({
    endpoint,
    region: 'us-east-1',
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    bucket: 'kept',
    prefix: 'a/b',
    workFolder: join(root, 'work'),
    ...more,
  });

async function backup(target: ReturnType<typeof open>) {
  const places = await makeStack(join(root, 'stack'), ['a', 'b']);
  const audit = { record: async () => ({ seq: 1 }) };
  return createBackup({ places, target, recipients: [], keep: 2, audit, signal });
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

// The store above makes its tokens with a cipher that OpenSSL has given up.
test('a list that comes in several answers is put together', async () => {
  const pages: Readonly<Record<string, string>> = {
    none: '<Contents><Key>a/b/one</Key></Contents><NextContinuationToken>t&amp;1</NextContinuationToken>',
    't&1': '<Contents><Key>a/b/two &lt;2&gt;</Key></Contents>',
  };
  const answer: RequestListener = ({ url }, response) => {
    const { searchParams } = new URL(url ?? '', endpoint);
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
