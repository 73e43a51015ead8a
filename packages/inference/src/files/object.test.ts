import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startObjectStore, type TestObjectStore } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelState } from '../model.ts';
import { createTestLog, type LoggedLine, makeTestDirectory } from '../testing/open-test-models.ts';
import { fetchFile } from './fetch-file.ts';
import { findFile } from './find-file.ts';
import { listModels } from './model-directory.ts';
import { type FetchedSource, parseModelSource } from './model-source.ts';
import { fetchModel } from './provide-model.ts';

const BYTES = randomBytes(200_000);
const hex = (algorithm: string, bytes = BYTES) => createHash(algorithm).update(bytes).digest('hex');
const SHA256 = hex('sha256');
const REFERENCE = 's3://models/qwen/small.gguf';

let store: TestObjectStore;
let directory: ReturnType<typeof makeTestDirectory>;
let logged: LoggedLine[];
let states: ModelState[];

beforeEach(async () => {
  store = await startObjectStore('models');
  directory = makeTestDirectory();
  [logged, states] = [[], []];
});
afterEach(async () => {
  directory.remove();
  await store[Symbol.asyncDispose]();
});

type Settings = Partial<TestObjectStore['login']> & { readonly endpoint?: string };

function fetch(reference = REFERENCE, { endpoint = store.endpoint, ...keys }: Settings = {}) {
  return fetchModel(parseModelSource(reference, '') as FetchedSource, {
    role: 'generate',
    directory: directory.path,
    endpoint: '',
    objectStore: { endpoint, region: 'us-east-1', login: { ...store.login, ...keys } },
    signal: AbortSignal.timeout(60_000),
    log: createTestLog(logged),
    say: (state) => void states.push(state),
  });
}

describe('a model of an object store', () => {
  it('is fetched with progress, and lies below the name of its bucket with a manifest', async () => {
    await store.put('qwen/small.gguf', BYTES, { sha256: SHA256 });
    const file = await fetch();
    expect(file).toBe(join(directory.path, 's3:models/qwen/small.gguf'));
    expect(readFileSync(file)).toEqual(BYTES);
    expect(states.at(-1)).toMatchObject({ status: 'fetching', progress: 1 });
    expect(await listModels(directory.path)).toMatchObject([
      { manifest: { source: REFERENCE, sha256: SHA256, etag: `"${hex('md5')}"`, license: null } },
    ]);
    expect(JSON.stringify(logged)).not.toContain(store.login.secretAccessKey);
  });

  it.each(['a b+c=&%41/ü (1).gguf', "it's/$!*@,;.gguf", '%2e/x.GGUF'])('may be named %s', async (key) => {
    await store.put(key, BYTES);
    expect(readFileSync(await fetch(`s3://models/${key}`))).toEqual(BYTES);
  });

  it('is read without a login where the store allows that', async () => {
    await store.put('qwen/small.gguf', BYTES);
    const options = { directory: directory.path, endpoint: '', log: createTestLog(), say: () => undefined };
    const objectStore = { endpoint: store.endpoint, region: 'us-east-1', login: undefined };
    const source = parseModelSource(REFERENCE, '') as FetchedSource;
    await fetchModel(source, { ...options, objectStore, signal: AbortSignal.timeout(60_000) });
    expect(await listModels(directory.path)).toHaveLength(1);
  });
});

describe('the hash of an object', () => {
  const other = hex('sha256', Buffer.from('other'));

  it('is compared with the one in the reference', async () => {
    await store.put('qwen/small.gguf', BYTES);
    await fetch(`${REFERENCE}#sha256=${SHA256.toUpperCase()}`);
    expect(await listModels(directory.path)).toMatchObject([
      { manifest: { source: `${REFERENCE}#sha256=${SHA256}` } },
    ]);
    await expect(fetch(`${REFERENCE}#sha256=${other}`)).rejects.toMatchObject({ code: 'HASH_MISMATCH' });
  });

  it('is refused before a transfer when the store states another than the reference', async () => {
    await store.put('qwen/small.gguf', BYTES, { sha256: SHA256 });
    await expect(fetch(`${REFERENCE}#sha256=${other}`)).rejects.toThrow(`the object store ${SHA256}`);
    expect(store.requests.filter((request) => request.startsWith('GET'))).toEqual([]);
  });

  it.each([
    ['its metadata', { sha256: other }, undefined],
    ['the file of sums beside it', {}, `${other}  small.gguf\n`],
  ])('is taken from %s', async (_, metadata, sums) => {
    await store.put('qwen/small.gguf', BYTES, metadata);
    if (sums !== undefined) await store.put('qwen/small.gguf.sha256', Buffer.from(sums));
    await expect(fetch()).rejects.toMatchObject({ code: 'HASH_MISMATCH' });
    expect(existsSync(join(directory.path, 's3:models/qwen/small.gguf'))).toBe(false);
  });

  it("is the store's tag where nothing else is stated, and bytes on the way are compared with it", async () => {
    await store.put('qwen/small.gguf', BYTES);
    await fetch();
    expect(logged.at(-1)).toMatchObject({ level: 'info', fields: { sha256: SHA256 } });
    directory.remove();
    store.misbehave({ kind: 'other-bytes' }, { kind: 'other-bytes' });
    await expect(fetch()).rejects.toThrow('name the hash behind the reference (#sha256=…)');
  });

  it('is none for an object that was uploaded in parts, which a warning says', async () => {
    store.instead = ({ method, url = '' }, response) => {
      if (url.endsWith('.sha256'))
        return void response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
      response.setHeader('etag', `"${hex('md5')}-2"`);
      response.setHeader('x-amz-checksum-sha256', `${Buffer.from(other, 'hex').toString('base64')}-2`);
      response.setHeader('content-length', BYTES.length);
      response.end(method === 'HEAD' ? undefined : BYTES);
    };
    await fetch();
    expect(logged.at(-1)).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('only its size was compared'),
    });
    expect(await listModels(directory.path)).toMatchObject([{ manifest: { sha256: SHA256 } }]);
  });
});

describe('an object that was replaced', () => {
  const newer = randomBytes(BYTES.length);
  const find = () =>
    findFile(parseModelSource(REFERENCE, '') as FetchedSource, {
      endpoint: '',
      objectStore: { endpoint: store.endpoint, region: 'us-east-1', login: store.login },
    });

  it('is not gone on with, and its part is removed', async () => {
    await store.put('qwen/small.gguf', BYTES);
    store.misbehave({ kind: 'break-after', bytes: 150_000 });
    const sleep = () => store.put('qwen/small.gguf', newer);
    const target = join(directory.path, 'small.gguf');
    await expect(fetchFile(await find(), target, { sleep })).rejects.toMatchObject({ code: 'CHANGED' });
    expect(readdirSync(directory.path).filter((name) => name.endsWith('.part'))).toEqual([]);
    await fetchFile(await find(), target);
    expect(readFileSync(target)).toEqual(newer);
  });

  it('has a part of its own', async () => {
    await store.put('qwen/small.gguf', BYTES);
    const [before, target] = [await find(), join(directory.path, 'small.gguf')];
    writeFileSync(`${target}.${before.version.slice(0, 12)}.part`, BYTES.subarray(0, 150_000));
    await store.put('qwen/small.gguf', newer);
    await fetchFile(await find(), target);
    expect(readFileSync(target)).toEqual(newer);
  });
});

describe('why an object cannot be fetched', () => {
  it.each([
    [
      's3://models/none.gguf',
      {},
      'NOT_FOUND',
      'the bucket models of 127.0.0.1:PORT has no none.gguf (404 NoSuchKey)',
    ],
    ['s3://none/none.gguf', {}, 'NOT_FOUND', '127.0.0.1:PORT has no bucket none (404 NoSuchBucket)'],
    [
      REFERENCE,
      { accessKeyId: 'nobody' },
      'NO_ACCESS',
      'does not know the access key (403 InvalidAccessKeyId)',
    ],
    [REFERENCE, { secretAccessKey: 'x' }, 'NO_ACCESS', 'the secret key does not belong to the access key'],
    [
      REFERENCE,
      { endpoint: 'http://127.0.0.1:1' },
      'UNREACHABLE',
      'the object store cannot be reached: 127.0.0.1:1',
    ],
  ])('%s, %o: %s', async (reference, settings, code, message) => {
    await store.put('qwen/small.gguf', BYTES);
    const port = new URL(store.endpoint).port;
    await expect(fetch(reference, settings)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message.replace('PORT', port)),
    });
  });

  it.each([
    ['a page in its place', { 'content-type': 'text/html' }, 'is it the port of the S3 API?'],
    [
      'a compressed object',
      { etag: '"a"', 'content-encoding': 'gzip' },
      'Content-Encoding gzip: upload the file as it is',
    ],
  ])('%s', async (_, headers, message) => {
    store.instead = (_request, response) =>
      response.writeHead(200, { 'content-length': 9, ...headers }).end('<!doctype');
    await expect(fetch()).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      message: expect.stringContaining(message),
    });
  });

  it('that no store is named', async () => {
    const source = parseModelSource(REFERENCE, '') as FetchedSource;
    const asked = findFile(source, { endpoint: '', objectStore: undefined });
    await expect(asked).rejects.toMatchObject({
      code: 'NOT_CONFIGURED',
      message: expect.stringContaining('set XNAI_S3_ENDPOINT'),
    });
  });
});

describe('the reference of an object', () => {
  it.each([
    's3://models',
    's3://models/',
    's3://models/small.bin',
    's3://models/../small.gguf',
    's3://models//small.gguf',
    's3:models/small.gguf',
    's3://models/small.gguf#sha256=12',
    's3://a/small.gguf',
    's3://models/small\n.gguf',
  ])('is not %j', (text) => {
    expect(() => parseModelSource(text, '')).toThrow('is not of the form s3://bucket/key.gguf[#sha256=HASH]');
  });

  it('is not a part of a model', () => {
    expect(() => parseModelSource('s3://models/big-00001-of-00002.gguf', '')).toThrow('make one file of it');
  });
});
