import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeHub, startFakeHub, startObjectStore } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  listModelFiles,
  listUnfinishedFiles,
  pullModels,
  readModelFolder,
  removeModelFile,
  verifyModelFiles,
} from './model-folder.ts';
import { makeTestDirectory } from './testing/open-test-models.ts';

let hub: FakeHub;
let directory: ReturnType<typeof makeTestDirectory>;
let lines: string[];
let pauses: number[];
/** Looks at what there is in the first pause, which is the last then. */
let afterPause: (() => void) | undefined;
const NOTE = '.hf%3Aacme%2Fsmall-GGUF%3Aq2_k.failed';

beforeEach(async () => {
  hub = await startFakeHub({
    'acme/small-GGUF': {
      license: 'mit',
      files: { 'small-q4_0.gguf': Buffer.alloc(1000, 'a'), 'small-q8_0.gguf': Buffer.alloc(2000, 'b') },
    },
  });
  directory = makeTestDirectory();
  [lines, pauses, afterPause] = [[], [], undefined];
});
afterEach(async () => {
  directory.remove();
  await hub[Symbol.asyncDispose]();
});

const folder = () =>
  readModelFolder({
    env: {
      RAG_GENERATE_MODEL: 'hf:acme/small-GGUF',
      RAG_EMBED_MODEL: 'none',
      RAG_MODELS_DIR: directory.path,
      RAG_MODELS_ENDPOINT: hub.endpoint,
    },
    root: '/',
  });

function pull(wanted?: string, isWaiting = false) {
  lines = [];
  return pullModels(wanted, folder(), {
    isWaiting,
    say: (line) => void lines.push(line),
    signal: new AbortController().signal,
    sleep: async (ms) => {
      pauses.push(ms);
      if (afterPause === undefined) return;
      afterPause();
      throw new Error('enough');
    },
  });
}

describe('the folder of model files', () => {
  it('pulls what is configured, lists it, verifies it and removes it', async () => {
    const pulled = { source: 'hf:acme/small-GGUF:q4_0', file: expect.stringContaining('small-q4_0.gguf') };
    expect(await pull()).toEqual([pulled]);
    expect(lines.join('\n')).toContain('license mit');
    expect(await pull()).toEqual([pulled]);
    expect(lines).toEqual([]);
    await pull('hf:acme/small-GGUF:q8_0');
    expect(await listModelFiles(folder())).toMatchObject([
      { name: 'acme/small-GGUF/small-q4_0.gguf', bytes: 1000, license: 'mit' },
      { name: 'acme/small-GGUF/small-q8_0.gguf', source: 'hf:acme/small-GGUF:q8_0' },
    ]);
    const name = 'acme/small-GGUF/small-q8_0.gguf';
    expect(await removeModelFile(name, folder())).toBe(name);
    expect(await verifyModelFiles(folder())).toEqual([
      { name: 'acme/small-GGUF/small-q4_0.gguf', isIntact: true },
    ]);
  });

  it('finds damage', async () => {
    await pull();
    writeFileSync(join(directory.path, 'acme/small-GGUF/small-q4_0.gguf'), Buffer.alloc(1000, 'x'));
    expect(await verifyModelFiles(folder())).toMatchObject([{ isIntact: false }]);
    writeFileSync(join(directory.path, 'acme/small-GGUF/small-q4_0.gguf'), Buffer.alloc(10, 'a'));
    expect(await verifyModelFiles(folder())).toMatchObject([{ isIntact: false }]);
  });

  it('tries again until the hub gives it when it is told to wait, and leaves a note meanwhile', async () => {
    hub.misinform({ kind: 'status', status: 503 }, { kind: 'page' });
    expect(await pull(undefined, true)).toMatchObject([{ file: expect.any(String) }]);
    expect(pauses).toEqual([30_000, 60_000]);
    expect(lines[0]).toContain('answered 503; next try in 30 s');
    expect(readdirSync(directory.path).filter((name) => name.endsWith('.failed'))).toEqual([]);

    afterPause = () => expect(readFileSync(join(directory.path, NOTE), 'utf8')).toContain('no such file');
    await expect(pull('hf:acme/small-GGUF:q2_k', true)).rejects.toThrow('enough');
    expect(pauses.at(-1)).toBe(6 * 3_600_000);
    expect(lines).toEqual([expect.stringContaining('next try in 360 min')]);
  });

  it('lists and removes what was never fetched to its end', async () => {
    const name = 'acme/given-up.gguf.0123.part';
    mkdirSync(join(directory.path, 'acme'));
    writeFileSync(join(directory.path, name), Buffer.alloc(20_000_000));
    expect(await listUnfinishedFiles(folder())).toEqual([{ name, bytes: 20_000_000 }]);
    expect(await removeModelFile(name, folder())).toBe(name);
    expect(await listUnfinishedFiles(folder())).toEqual([]);
    expect(await removeModelFile(name, folder())).toBeUndefined();
  });

  it('pulls what the configuration names in an object store, by keys that lie in files', async () => {
    await using store = await startObjectStore('models');
    await store.put('small.gguf', Buffer.alloc(1000, 'a'));
    const keys = { access: join(directory.path, 'access'), secret: join(directory.path, 'secret') };
    writeFileSync(keys.access, `${store.login.accessKeyId}\n`);
    writeFileSync(keys.secret, `${store.login.secretAccessKey}\n`);
    const reference = 's3://models/small.gguf';
    const env = {
      RAG_GENERATE_MODEL: 'none',
      RAG_RERANK_MODEL: reference,
      RAG_MODELS_DIR: directory.path,
      XNAI_S3_ENDPOINT: store.endpoint,
      XNAI_S3_ACCESS_KEY_FILE: keys.access,
      XNAI_S3_SECRET_KEY_FILE: keys.secret,
    };
    const options = {
      isWaiting: false,
      say: (line: string) => void lines.push(line),
      signal: new AbortController().signal,
    };
    const file = join(directory.path, 's3:models/small.gguf');
    const pulled = () => pullModels(undefined, readModelFolder({ env, root: '/' }), options);
    expect(await pulled()).toEqual([{ source: reference, file }]);
    expect(lines[0]).toContain(`from ${store.endpoint}/models/small.gguf`);
    const asked = store.requests.length;
    expect(await pulled()).toEqual([{ source: reference, file }]);
    expect(store.requests.length).toBe(asked);
    expect(await listModelFiles(folder())).toMatchObject([
      { name: 's3:models/small.gguf', source: reference, license: null },
    ]);
    expect(await verifyModelFiles(folder())).toEqual([{ name: 's3:models/small.gguf', isIntact: true }]);
    expect(await removeModelFile(reference, folder())).toBe('s3:models/small.gguf');
    expect(await pullModels('s3://models/other.gguf', readModelFolder({ env, root: '/' }), options)).toEqual([
      {
        source: 's3://models/other.gguf',
        failure: expect.stringContaining('the object store has no such file'),
      },
    ]);
  });

  it('says in one sentence why something cannot be fetched', async () => {
    expect(await pull('hf:acme/small-GGUF:q2_k')).toEqual([
      { source: 'hf:acme/small-GGUF:q2_k', failure: expect.stringContaining('no such file') },
    ]);
    for (const wrong of ['hf:../..', 'hf:nothing', '/etc/passwd', 'none', 'https://example.org/a.gguf']) {
      await expect(pull(wrong)).rejects.toThrow(`"${wrong}" is not `);
    }
  });
});
