import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createKey, ensureFirstKey, listKeys, revokeKey } from './api-keys.ts';
import { ConfigError } from './config.ts';
import { KeyFileError } from './key-file.ts';
import { openKeyRing } from './key-ring.ts';
import { lockFolder } from './lock.ts';
import { SCOPES } from './scopes.ts';

const root = mkdtempSync(join(tmpdir(), 'xnai-keys-'));
afterAll(() => rmSync(root, { recursive: true }));

let file: string;
let count = 0;
beforeEach(() => {
  file = join(root, `${++count}`, 'keys.json');
});

const KEY_FORM = /^xnai_[A-Za-z0-9_-]{43}$/;

const audit = { record: async () => ({ seq: 1 }) };

describe('the key file', () => {
  test('holds a hash and never the key, and only its owner can read it', async () => {
    const { key } = await createKey(file, { scopes: ['query'], name: 'laptop' }, audit);

    expect(key).toMatch(KEY_FORM);
    expect(readFileSync(file, 'utf8')).not.toContain(key.slice(5));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['.keys.json.lock', '.keys.json.lock-owner', 'keys.json']);
  });

  test('lists keys without their hashes, and loses the revoked ones', async () => {
    const first = await createKey(file, { scopes: ['query'], name: 'laptop' }, audit);
    await createKey(file, { scopes: ['ingest'], exempt: true }, audit);

    expect(await listKeys(file)).toEqual([
      { id: first.id, scopes: ['query'], created: first.created, name: 'laptop' },
      expect.objectContaining({ scopes: ['ingest'], exempt: true }),
    ]);
    expect(await revokeKey(file, first.id, audit)).toBe(true);
    expect(await revokeKey(file, first.id, audit)).toBe(false);
    expect(await listKeys(file)).toHaveLength(1);
  });

  test('that is not JSON, or has unknown fields, is refused with its name and left as it is', async () => {
    await createKey(file, { scopes: ['query'] }, audit);
    for (const text of ['{', '{"version":2,"keys":[]}', '{"version":1,"keys":[{"id":"a"}]}']) {
      writeFileSync(file, text);
      await expect(createKey(file, { scopes: ['query'] }, audit)).rejects.toThrow(
        `${file} is not a valid key file`,
      );
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });

  test('in a place that cannot be written is an error that names it', async () => {
    const blocked = join(root, 'a-file');
    writeFileSync(blocked, '');

    await expect(createKey(join(blocked, 'keys.json'), { scopes: ['query'] }, audit)).rejects.toBeInstanceOf(
      KeyFileError,
    );
  });

  test('loses nothing when processes write it at the same time', async () => {
    const module = fileURLToPath(new URL('./api-keys.ts', import.meta.url));
    const script = `import { createKey } from ${JSON.stringify(module)};
      await Promise.all(Array.from({ length: 5 }, () => createKey(process.argv[1], { scopes: ['query'] }, { record: async () => ({ seq: 1 }) })));`;
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', script, file], { stdio: 'inherit' }),
    );

    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));

    expect(codes).toEqual([0, 0, 0]);
    expect(new Set((await listKeys(file)).map(({ id }) => id)).size).toBe(15);
  });

  test('is written after its lock was held by a process that was killed', async () => {
    await createKey(file, { scopes: ['query'] }, audit);
    const holder = fileURLToPath(new URL('./testing/hold-lock.ts', import.meta.url));
    const child = spawn(process.execPath, [holder, dirname(file), '.keys.json.lock']);
    await once(child.stdout, 'data');
    let isWritten = false;
    const writing = createKey(file, { scopes: ['query'] }, audit).then(() => {
      isWritten = true;
    });
    await expect(lockFolder(dirname(file), { name: '.keys.json.lock' })).rejects.toMatchObject({
      code: 'LOCKED',
    });
    expect(isWritten).toBe(false);

    child.kill('SIGKILL');
    await writing;

    expect(await listKeys(file)).toHaveLength(2);
  });
});

describe('ensureFirstKey', () => {
  test('makes one key with all scopes, once, even for two services at a time', async () => {
    const made = await Promise.all([ensureFirstKey(file, { audit }), ensureFirstKey(file, { audit })]);

    const [first] = made.filter((key) => key !== undefined);
    expect(made.filter((key) => key === undefined)).toHaveLength(1);
    expect(first).toEqual({ key: expect.stringMatching(KEY_FORM), generated: true });
    expect(await listKeys(file)).toEqual([expect.objectContaining({ name: 'first', scopes: SCOPES })]);
    expect((await openKeyRing({ file })).verify(first?.key ?? '')).toMatchObject({ scopes: SCOPES });
  });

  test('only reads where a key is there already: the folder may be read-only', async () => {
    const given = `xnai_${'a'.repeat(43)}`;
    await ensureFirstKey(file, { givenKey: given, audit });
    const before = statSync(file).mtimeMs;
    // A writer would wait for this lock, and fail.
    using _lock = await lockFolder(dirname(file), { name: '.keys.json.lock' });

    expect(await ensureFirstKey(file, { audit })).toBeUndefined();
    expect(await ensureFirstKey(file, { givenKey: given, audit })).toBeUndefined();

    expect(statSync(file).mtimeMs).toBe(before);
  });

  test('takes the given key, and a new given key replaces the old one only', async () => {
    const other = await createKey(file, { scopes: ['query'] }, audit);
    const [old, next] = [`xnai_${'a'.repeat(43)}`, `xnai_${'b'.repeat(43)}`];

    expect(await ensureFirstKey(file, { givenKey: old, audit })).toEqual({ key: old, generated: false });
    expect(await ensureFirstKey(file, { givenKey: old, audit })).toBeUndefined();
    await ensureFirstKey(file, { givenKey: next, audit });

    const ring = await openKeyRing({ file });
    expect([old, next, other.key].map((key) => ring.verify(key) !== undefined)).toEqual([false, true, true]);
  });

  test.each(['', 'xnai_short', `xnai_${'a'.repeat(42)}+`, 'password'])(
    'refuses %j as a given key',
    async (key) => {
      await expect(ensureFirstKey(file, { givenKey: key, audit })).rejects.toBeInstanceOf(ConfigError);
    },
  );
});

describe('a key ring', () => {
  test('knows its keys and no others', async () => {
    const { key, id } = await createKey(file, { scopes: ['query', 'ingest'] }, audit);
    const ring = await openKeyRing({ file });

    expect(ring.verify(key)).toMatchObject({ id, scopes: ['query', 'ingest'] });
    expect(ring.verify(key)).not.toHaveProperty('hash');
    for (const wrong of ['', key.slice(0, -1), `${key}a`, `xnai_${'a'.repeat(43)}`, key.toUpperCase()]) {
      expect(ring.verify(wrong), wrong).toBeUndefined();
    }
  });

  test('sees new and revoked keys a second later, without asking the disk more often', async () => {
    let clock = 0;
    const ring = await openKeyRing({ file, now: () => clock });
    const { key, id } = await createKey(file, { scopes: ['query'] }, audit);

    expect(ring.verify(key)).toBeUndefined();
    clock = 1000;
    expect(ring.verify(key)).toMatchObject({ id });
    await revokeKey(file, id, audit);
    clock = 1999;
    expect(ring.verify(key)).toMatchObject({ id });
    clock = 2000;
    expect(ring.verify(key)).toBeUndefined();
  });

  test('keeps the keys it has, and says so, when the file becomes unreadable', async () => {
    const { key } = await createKey(file, { scopes: ['query'] }, audit);
    let clock = 0;
    const onError = vi.fn();
    const ring = await openKeyRing({ file, onError, now: () => clock });

    writeFileSync(file, 'broken');
    clock = 1000;
    expect(ring.verify(key)).toBeDefined();
    clock = 2000;
    expect(ring.verify(key)).toBeDefined();

    expect(onError).toHaveBeenCalledOnce();
  });

  test('refuses every key without a key file', async () => {
    const ring = await openKeyRing({ file });

    expect(ring.verify(`xnai_${'a'.repeat(43)}`)).toBeUndefined();
  });

  test('refuses to open on a broken file', async () => {
    await createKey(file, { scopes: ['query'] }, audit);
    writeFileSync(file, '[]');

    await expect(openKeyRing({ file })).rejects.toBeInstanceOf(KeyFileError);
  });
});
