import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '@xnai/service/lock';
import { startFakeHub, startObjectStore } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestDirectory } from '../testing/open-test-models.ts';
import { type FetchFileOptions, fetchFile } from './fetch-file.ts';
import { findFile } from './find-file.ts';
import { type FetchedSource, parseModelSource } from './model-source.ts';

const BYTES = randomBytes(300_000);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const FILE = 'small-q4_0.gguf';

const SOURCES = [
  ['a hub', startHub],
  ['an object store', startStore],
] as const;

async function startHub() {
  const hub = await startFakeHub({ 'acme/small-GGUF': { files: { [FILE]: BYTES } } });
  const source = parseModelSource('hf:acme/small-GGUF', 'q4_0') as FetchedSource;
  const from = { endpoint: hub.endpoint, objectStore: undefined };
  return {
    ...hub,
    misbehave: hub.misbehave,
    isOfContent: /^GET \/storage\//,
    find: () => findFile(source, from),
  };
}

async function startStore() {
  const store = await startObjectStore('models');
  await store.put(`qwen/${FILE}`, BYTES, { sha256: SHA256 });
  const source = parseModelSource(`s3://models/qwen/${FILE}`, '') as FetchedSource;
  const { endpoint, login } = store;
  const from = { endpoint: '', objectStore: { endpoint, region: 'us-east-1', login } };
  return { ...store, isOfContent: /^GET \/models\//, find: () => findFile(source, from) };
}

describe.each(SOURCES)('fetching a file of %s', (_, start) => {
  let source: Awaited<ReturnType<typeof start>>;
  let directory: ReturnType<typeof makeTestDirectory>;
  let pauses: number[];

  beforeEach(async () => {
    source = await start();
    directory = makeTestDirectory();
    pauses = [];
  });
  afterEach(async () => {
    directory.remove();
    await source[Symbol.asyncDispose]();
  });

  const targetOf = () => join(directory.path, FILE);
  const partOf = () => join(directory.path, `${FILE}.${SHA256.slice(0, 12)}.part`);

  async function fetchWithPauses(more: FetchFileOptions = {}): Promise<string> {
    const sleep = async (ms: number) => void pauses.push(ms);
    expect(await fetchFile(await source.find(), targetOf(), { sleep, ...more })).toBe(SHA256);
    return targetOf();
  }

  it('goes on where a broken transfer ended', async () => {
    source.misbehave({ kind: 'break-after', bytes: 100_000 }, { kind: 'break-after', bytes: 100_000 });
    expect(readFileSync(await fetchWithPauses())).toEqual(BYTES);
    const ranges = source.requests
      .filter((request) => source.isOfContent.test(request))
      .map((request) => request.split(' ')[2]);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.length).toBe(3);
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d+-$/.test(range ?? ''))).toBe(true);
  });

  it('goes on where an earlier process ended', async () => {
    writeFileSync(partOf(), BYTES.subarray(0, 123_456));
    expect(readFileSync(await fetchWithPauses())).toEqual(BYTES);
    expect(source.requests.at(-1)).toContain('bytes=123456-');
  });

  it('begins anew when the server does not give a part', async () => {
    source.misbehave({ kind: 'break-after', bytes: 50_000 }, { kind: 'ignore-range' });
    expect(readFileSync(await fetchWithPauses())).toEqual(BYTES);
  });

  it('waits as long as the source asks it to', async () => {
    source.misbehave({ kind: 'status', status: 429, retryAfterS: 7 });
    await fetchWithPauses();
    expect(pauses).toEqual([7000]);
  });

  it('gives up after five tries that brought nothing, with growing pauses', async () => {
    source.misbehave(...Array.from({ length: 9 }, () => ({ kind: 'status', status: 500 }) as const));
    await expect(fetchWithPauses()).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
    expect(pauses).toEqual([2000, 4000, 8000, 16_000]);
  });

  it('gives up when each connection brings next to nothing, be it cut or as slow as that', async () => {
    source.misbehave(...Array.from({ length: 9 }, () => ({ kind: 'break-after', bytes: 10 }) as const));
    await expect(fetchWithPauses()).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(pauses).toEqual([2000, 4000, 8000, 16_000]);
  });

  it('gives up a connection over which next to nothing comes', async () => {
    source.misbehave({ kind: 'trickle' });
    expect(readFileSync(await fetchWithPauses({ silenceMs: 100 }))).toEqual(BYTES);
    expect(pauses).toEqual([2000]);
  });

  it('begins anew when the rest is refused', async () => {
    source.misbehave({ kind: 'break-after', bytes: 100_000 }, { kind: 'status', status: 416 });
    expect(readFileSync(await fetchWithPauses())).toEqual(BYTES);
    expect(source.requests.at(-1)).not.toContain('bytes=');
  });

  it('says how far it is before anything has come', async () => {
    const seen: number[] = [];
    source.misbehave({ kind: 'break-after', bytes: 100_000 });
    const sleep = async () => void seen.push(-1);
    await fetchWithPauses({ sleep, onProgress: (bytes) => void seen.push(bytes) });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(BYTES.length);
  });

  it('is kept from a file that this very process is fetching', async () => {
    const file = await source.find();
    const target = targetOf();
    const both = await Promise.allSettled([fetchFile(file, target), fetchFile(file, target)]);
    expect(both.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(both).toContainEqual({ status: 'rejected', reason: expect.objectContaining({ code: 'BUSY' }) });
    expect(readFileSync(target)).toEqual(BYTES);
  });

  it('never leaves a file of the wrong hash', async () => {
    source.misbehave({ kind: 'other-bytes' }, { kind: 'other-bytes' });
    await expect(fetchWithPauses()).rejects.toMatchObject({ code: 'HASH_MISMATCH' });
    expect(existsSync(targetOf())).toBe(false);
  });

  it('compares what lies on the disk, not what came', async () => {
    const part = partOf();
    let isDamaged = false;
    const damage = (bytes: number) => {
      if (bytes < BYTES.length || isDamaged) return;
      isDamaged = true;
      writeFileSync(part, Buffer.alloc(10, 'x'), { flag: 'r+' });
    };
    expect(readFileSync(await fetchWithPauses({ onProgress: damage }))).toEqual(BYTES);
  });

  it('recovers from a damaged earlier part by fetching the whole once', async () => {
    writeFileSync(partOf(), Buffer.alloc(1000, 'x'));
    expect(readFileSync(await fetchWithPauses())).toEqual(BYTES);
  });

  it('looks at the disk space first, and says the figures', async () => {
    const file = await source.find();
    const before = source.requests.length;
    const full = fetchFile(file, targetOf(), { freeBytes: async () => 1000 });
    await expect(full).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('68 MB more, 1 MB are free'),
    });
    expect(source.requests.length).toBe(before);
  });

  it('leaves a file alone that another process is fetching', async () => {
    const file = await source.find();
    const target = targetOf();
    const lock = await lockFolder(directory.path, { name: `.${FILE}.${SHA256.slice(0, 12)}.part.lock` });
    await expect(fetchFile(file, target)).rejects.toMatchObject({ code: 'BUSY' });
    lock[Symbol.dispose]();
    await fetchFile(file, target);
    expect(readFileSync(target)).toEqual(BYTES);
  });
});
