import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelState } from '../model.ts';
import { type FakeHub, startFakeHub } from '../testing/fake-hub.ts';
import { createTestLog, type LoggedLine, makeTestDirectory } from '../testing/open-test-models.ts';
import { fetchFile } from './fetch-file.ts';
import { findHubFile } from './hub.ts';
import { findModel, isIntact, listModels, removeModel } from './model-directory.ts';
import { type HubSource, parseModelSource } from './model-source.ts';
import { fetchModel, provideModel } from './provide-model.ts';

const BYTES = randomBytes(300_000);
const NAME = 'acme/small-GGUF';
const FILE = 'small-q4_0.gguf';

let hub: FakeHub;
let directory: ReturnType<typeof makeTestDirectory>;
let logged: LoggedLine[];
let states: ModelState[];
let pauses: number[];

beforeEach(async () => {
  hub = await startFakeHub({
    [NAME]: {
      license: 'apache-2.0',
      files: {
        [FILE]: BYTES,
        'small-q8_0.gguf': Buffer.from('GGUF8'),
        'big-q5_0-00001-of-00002.gguf': Buffer.from('GGUF'),
      },
    },
  });
  directory = makeTestDirectory();
  [logged, states, pauses] = [[], [], []];
});
afterEach(async () => {
  directory.remove();
  await hub[Symbol.asyncDispose]();
});

const hubSource = (text = `hf:${NAME}`) => parseModelSource(text, 'q4_0') as HubSource;

function options(endpoint = hub.endpoint) {
  return {
    directory: directory.path,
    endpoint,
    mayFetch: true,
    signal: new AbortController().signal,
    log: createTestLog(logged),
    say: (state: ModelState) => void states.push(state),
    lookEveryMs: 20,
  };
}

/** Pauses are noted, not slept; after `most` of them the caller gives up. */
function patient(most: number) {
  const controller = new AbortController();
  return {
    ...options(),
    signal: controller.signal,
    sleep: async (ms: number) => {
      pauses.push(ms);
      if (pauses.length >= most) controller.abort(new Error('enough'));
      controller.signal.throwIfAborted();
    },
  };
}

async function fetchWithPauses(): Promise<string> {
  const file = await findHubFile(hubSource(), { endpoint: hub.endpoint });
  const target = join(directory.path, FILE);
  await fetchFile(file, target, { sleep: async (ms) => void pauses.push(ms) });
  return target;
}

describe('fetching a model', () => {
  it('says what comes from where under which licence, and leaves the whole file with its hash', async () => {
    const file = await fetchModel(hubSource(), options());
    expect(readFileSync(file)).toEqual(BYTES);
    expect(logged[0]).toMatchObject({
      level: 'info',
      fields: {
        file: FILE,
        bytes: 300_000,
        license: 'apache-2.0',
        from: expect.stringContaining(hub.endpoint),
      },
    });
    expect(states.at(-1)).toMatchObject({ status: 'fetching', progress: 1 });
    const [stored] = await listModels(directory.path);
    expect(stored).toMatchObject({ name: `${NAME}/${FILE}`, manifest: { source: `hf:${NAME}:q4_0` } });
  });

  it('does not ask the hub again for what is there', async () => {
    await fetchModel(hubSource(), options());
    const before = hub.requests.length;
    expect(await provideModel(hubSource(), options())).toBe(join(directory.path, NAME, FILE));
    expect(hub.requests.length).toBe(before);
  });

  it('goes on where a broken transfer ended', async () => {
    hub.misbehave({ kind: 'break-after', bytes: 100_000 }, { kind: 'break-after', bytes: 100_000 });
    expect(readFileSync(await fetchWithPauses())).toEqual(BYTES);
    const ranges = hub.requests
      .filter((request) => request.includes('/storage/'))
      .map((request) => request.split(' ')[2]);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.length).toBe(3);
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d+-$/.test(range ?? ''))).toBe(true);
  });

  it('goes on where an earlier process ended', async () => {
    const file = await findHubFile(hubSource(), { endpoint: hub.endpoint });
    const target = join(directory.path, FILE);
    writeFileSync(`${target}.${file.sha256.slice(0, 12)}.part`, BYTES.subarray(0, 123_456));
    await fetchFile(file, target);
    expect(hub.requests.at(-1)).toContain('bytes=123456-');
    expect(readFileSync(target)).toEqual(BYTES);
  });

  it('begins anew when the server does not give a part', async () => {
    hub.misbehave({ kind: 'break-after', bytes: 50_000 }, { kind: 'ignore-range' });
    expect(readFileSync(await fetchWithPauses())).toEqual(BYTES);
  });

  it('waits as long as the hub asks it to', async () => {
    hub.misbehave({ kind: 'status', status: 429, retryAfterS: 7 });
    await fetchWithPauses();
    expect(pauses).toEqual([7000]);
  });

  it('gives up after five tries that brought nothing, with growing pauses', async () => {
    hub.misbehave(...Array.from({ length: 9 }, () => ({ kind: 'status', status: 500 }) as const));
    await expect(fetchWithPauses()).rejects.toMatchObject({ code: 'HUB_FAILED' });
    expect(pauses).toEqual([2000, 4000, 8000, 16_000]);
  });

  it('never leaves a file of the wrong hash', async () => {
    hub.misbehave({ kind: 'other-bytes' }, { kind: 'other-bytes' });
    await expect(fetchWithPauses()).rejects.toMatchObject({ code: 'HASH_MISMATCH' });
    expect(existsSync(join(directory.path, FILE))).toBe(false);
  });

  it('recovers from a damaged earlier part by fetching the whole once', async () => {
    const file = await findHubFile(hubSource(), { endpoint: hub.endpoint });
    writeFileSync(join(directory.path, `${FILE}.${file.sha256.slice(0, 12)}.part`), Buffer.alloc(1000, 'x'));
    expect(readFileSync(await fetchWithPauses())).toEqual(BYTES);
  });

  it('looks at the disk space first, and says the figures', async () => {
    const file = await findHubFile(hubSource(), { endpoint: hub.endpoint });
    const before = hub.requests.length;
    const full = fetchFile(file, join(directory.path, FILE), { freeBytes: async () => 1000 });
    await expect(full).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('1000 are free'),
    });
    expect(hub.requests.length).toBe(before);
  });

  it('leaves a file alone that another process is fetching', async () => {
    const file = await findHubFile(hubSource(), { endpoint: hub.endpoint });
    const target = join(directory.path, FILE);
    writeFileSync(`${target}.${file.sha256.slice(0, 12)}.part.lock`, 'another-host 1');
    await expect(fetchFile(file, target)).rejects.toMatchObject({ code: 'BUSY' });
  });

  it.each([
    ['hf:acme/small-GGUF:q2_k', /has no q2_k, but small-q4_0.gguf, small-q8_0.gguf/],
    ['hf:acme/small-GGUF:q5_0', /is not a single file/],
    ['hf:acme/small-GGUF/other.gguf', /has no other.gguf/],
    ['hf:nobody/nothing', /404/],
  ])('says what there is instead of %s', async (text, message) => {
    const error = await fetchModel(hubSource(text), options()).catch((error: Error) => error);
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringMatching(message) });
  });
});

describe('waiting for a model', () => {
  it('says once that the hub cannot be reached, and tries again ever more rarely', async () => {
    const unreachable = { ...patient(4), endpoint: 'http://127.0.0.1:9' };
    await expect(provideModel(hubSource(), unreachable)).rejects.toThrow('enough');
    expect(pauses).toEqual([600_000, 1_200_000, 2_400_000, 4_800_000]);
    expect(logged.filter(({ level }) => level === 'warn' || level === 'info')).toEqual([
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({
          reason: expect.stringContaining('the model hub cannot be reached: 127.0.0.1:9'),
        }),
      }),
    ]);
    expect(states[0]).toMatchObject({
      status: 'down',
      detail: expect.stringContaining('next try in 10 min'),
    });
  });

  it('asks nothing of the network where another process fills the directory', async () => {
    const waiting = { ...patient(3), mayFetch: false };
    await expect(provideModel(hubSource(), waiting)).rejects.toThrow('enough');
    expect(hub.requests).toEqual([]);
    await fetchModel(hubSource(), options());
    expect(await provideModel(hubSource(), { ...options(), mayFetch: false })).toContain(FILE);
  });

  it('does not ask again for what the hub does not have', async () => {
    await expect(provideModel(hubSource('hf:nobody/nothing'), patient(3))).rejects.toThrow('enough');
    expect(hub.requests.length).toBe(3);
    expect(states[0]?.detail).toContain('a person must act');
  });
});

describe('the model directory', () => {
  it('knows damaged files and forgets removed ones', async () => {
    await fetchModel(hubSource(), options());
    const stored = await findModel(directory.path, hubSource());
    if (stored === undefined) throw new Error('not found');
    expect(await isIntact(stored)).toBe(true);
    writeFileSync(stored.file, Buffer.alloc(BYTES.length, 'x'));
    expect(await isIntact(stored)).toBe(false);
    await removeModel(stored);
    expect(await listModels(directory.path)).toEqual([]);
  });
});

describe('a model source', () => {
  it('is none, a path, or a file of the hub', () => {
    expect(parseModelSource('none', 'q4_0')).toEqual({ kind: 'none' });
    expect(parseModelSource('/models/a.gguf', 'q4_0')).toEqual({ kind: 'path', file: '/models/a.gguf' });
    expect(parseModelSource('hf:a/b', 'q4_0')).toMatchObject({
      repository: 'a/b',
      choice: { quantization: 'q4_0' },
    });
    expect(parseModelSource('hf:a/b:Q8_0#v1', 'q4_0')).toMatchObject({
      revision: 'v1',
      choice: { quantization: 'Q8_0' },
    });
    expect(parseModelSource('hf:a/b/c/d.gguf', 'q4_0')).toMatchObject({ choice: { file: 'c/d.gguf' } });
  });

  it.each(['hf:', 'hf:a', 'hf:a/b/../../c.gguf', 'hf:../b', 'https://example.org/a.gguf', 'hf:a/b c'])(
    'is not "%s"',
    (text) => {
      expect(() => parseModelSource(text, 'q4_0')).toThrow(RangeError);
    },
  );
});
