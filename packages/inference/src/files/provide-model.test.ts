import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeHub, startFakeHub } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelState } from '../model.ts';
import { createTestLog, type LoggedLine, makeTestDirectory } from '../testing/open-test-models.ts';
import { writeFetchNote } from './fetch-note.ts';
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
  [logged, states] = [[], []];
});
afterEach(async () => {
  directory.remove();
  await hub[Symbol.asyncDispose]();
});

const hubSource = (text = `hf:${NAME}`) => parseModelSource(text, 'q4_0') as HubSource;

function options(endpoint = hub.endpoint) {
  return {
    role: 'embed' as const,
    directory: directory.path,
    endpoint,
    objectStore: undefined,
    mayFetch: true,
    signal: new AbortController().signal,
    log: createTestLog(logged),
    say: (state: ModelState) => void states.push(state),
    lookEveryMs: 20,
  };
}

/** Time passes at once; after `mostMs` of it the caller gives up. Meanwhile `onPause` may do something. */
function patient(mostMs: number, onPause: (ms: number) => void | Promise<void> = () => undefined) {
  const controller = new AbortController();
  let passedMs = 0;
  return {
    ...options(),
    signal: controller.signal,
    lookEveryMs: 10_000,
    sleep: async (ms: number) => {
      passedMs += ms;
      if (passedMs > mostMs) controller.abort(new Error('enough'));
      controller.signal.throwIfAborted();
      await onPause(passedMs);
    },
  };
}

const MINUTE_MS = 60_000;

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
        brings: 'search by meaning beside search by words',
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
    const unreachable = { ...patient(10 * MINUTE_MS), endpoint: 'http://127.0.0.1:9' };
    await expect(provideModel(hubSource(), unreachable)).rejects.toThrow('enough');
    expect(logged.map(({ fields }) => 'nextTryMs' in fields && fields.nextTryMs)).toEqual([
      30_000, 60_000, 120_000, 240_000, 480_000,
    ]);
    expect(logged.filter(({ level }) => level === 'warn' || level === 'info')).toEqual([
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({
          reason: expect.stringContaining('the model hub cannot be reached: 127.0.0.1:9'),
          meanwhile: 'search is by words alone',
        }),
      }),
    ]);
    expect(states[0]).toMatchObject({
      status: 'absent',
      detail: expect.stringContaining('next try in 30 s'),
    });
  });

  it.each([{ kind: 'status', status: 503 }, { kind: 'page' }, { kind: 'break' }] as const)(
    'fetches by itself once the hub is well again: $kind',
    async (way) => {
      hub.misinform(way, way);
      expect(await provideModel(hubSource(), patient(10 * MINUTE_MS))).toContain(FILE);
      expect(hub.requests.filter((request) => request.includes('/api/')).length).toBe(3);
    },
  );

  it('takes the file that somebody else brings while it waits for the hub', async () => {
    const bring = async (ms: number) => {
      if (ms === 20_000) await fetchModel(hubSource(), options());
    };
    const unreachable = { ...patient(MINUTE_MS, bring), endpoint: 'http://127.0.0.1:9' };
    expect(await provideModel(hubSource(), unreachable)).toContain(FILE);
    expect(logged.filter(({ level }) => level === 'warn').length).toBe(1);
  });

  it('asks nothing of the network where another process fills the directory', async () => {
    const waiting = { ...patient(MINUTE_MS), mayFetch: false };
    await expect(provideModel(hubSource(), waiting)).rejects.toThrow('enough');
    expect(hub.requests).toEqual([]);
    await fetchModel(hubSource(), options());
    expect(await provideModel(hubSource(), { ...options(), mayFetch: false })).toContain(FILE);
  });

  it('says how far another process is that fills the directory', async () => {
    const begin = (ms: number) => {
      if (ms > 10_000) return;
      mkdirSync(join(directory.path, NAME), { recursive: true });
      writeFileSync(join(directory.path, NAME, `${FILE}.0123.part`), Buffer.alloc(20_000_000));
    };
    const waiting = { ...patient(MINUTE_MS, begin), mayFetch: false };
    await expect(provideModel(hubSource(), waiting)).rejects.toThrow('enough');
    expect(states[0]).toMatchObject({ status: 'fetching', detail: expect.stringContaining('yet') });
    expect(states.at(-1)).toEqual({ status: 'fetching', detail: `20 MB of hf:${NAME}:q4_0 are there` });
  });

  it.each([
    ['embed', true, 'absent'],
    ['rerank', true, 'absent'],
    ['embed', false, 'down'],
    ['generate', true, 'down'],
  ] as const)('%s, hub out of reach for that process: %s: is %s', async (role, isUnreachable, status) => {
    const note = { isUnreachable, reason: 'no route' };
    const fail = (ms: number) =>
      ms > 10_000 ? writeFetchNote(directory.path, hubSource(), note) : undefined;
    const waiting = { ...patient(MINUTE_MS, fail), role, mayFetch: false };
    await expect(provideModel(hubSource(), waiting)).rejects.toThrow('enough');
    expect(states[0]).toMatchObject({ status: 'fetching' });
    expect(states.at(-1)).toEqual({ status, detail: `hf:${NAME}:q4_0: no route` });
  });

  it('is down when that process gives no sign for long', async () => {
    const alone = { ...patient(11 * MINUTE_MS), mayFetch: false };
    await expect(provideModel(hubSource(), alone)).rejects.toThrow('enough');
    expect(states.filter(({ status }) => status === 'fetching')).toHaveLength(60);
    expect(states.at(-1)).toMatchObject({ status: 'down', detail: expect.stringContaining('yet') });
  });

  it('does not ask again for what the hub does not have', async () => {
    await expect(provideModel(hubSource('hf:nobody/nothing'), patient(60 * MINUTE_MS))).rejects.toThrow(
      'enough',
    );
    expect(hub.requests.length).toBe(1);
    expect(states[0]).toMatchObject({ status: 'down', detail: expect.stringContaining('a person must act') });
  });

  it('says what lies at a path instead of a file', async () => {
    const waiting = patient(MINUTE_MS);
    const source = { kind: 'path', file: directory.path } as const;
    await expect(provideModel(source, waiting)).rejects.toThrow('enough');
    expect(states[0]?.detail).toBe(`${directory.path} is a directory: a GGUF file is wanted`);
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
    for (const text of ['none', 'NONE', ' none ']) {
      expect(parseModelSource(text, 'q4_0')).toEqual({ kind: 'none' });
    }
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

  it.each(['  ', 'hf:', 'hf:a', 'hf:a/b/../../c.gguf', 'hf:../b', 'https://example.org/a.gguf', 'hf:a/b c'])(
    'is not "%s"',
    (text) => {
      expect(() => parseModelSource(text, 'q4_0')).toThrow(RangeError);
    },
  );
});
