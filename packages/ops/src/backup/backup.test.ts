import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readSigningKey } from '@xnai/secrets';
import { listKeys, revokeKey } from '@xnai/service';
import { lockFolder } from '@xnai/service/lock';
import { mountTmpfs } from '@xnai/testing';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandAudit, readActs, verifyAudit } from '../audit/index.ts';
import { createBackup } from './create.ts';
import { folderTarget } from './folder-target.ts';
import { findBackup, listBackups, listUnfinished, readBackup, receiptName } from './read-backups.ts';
import { restoreBackup } from './restore.ts';
import { scheduleBackups } from './schedule.ts';
import { placesIn, type StackPlaces } from './stack-places.ts';
import { killWhilePacking } from './testing/kill-while-packing.ts';
import { makeStack, writeDocuments } from './testing/make-stack.ts';

let root: string;
let target: ReturnType<typeof folderTarget>;
let places: StackPlaces;
const signal = AbortSignal.timeout(60_000);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'xnai-backup-'));
  target = folderTarget(join(root, 'target'));
  places = await makeStack(join(root, 'one'), ['a', 'b']);
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

function documentsOf({ index }: StackPlaces): readonly unknown[] {
  using db = new DatabaseSync(index, { readOnly: true });
  return db
    .prepare('SELECT name FROM documents ORDER BY name')
    .all()
    .map(({ name }) => name);
}

async function backup(from = places, more: object = {}) {
  const audit = commandAudit(from.audit);
  return await createBackup({ places: from, target, recipients: [], keep: 3, audit, signal, ...more });
}

const read = (name?: string, identities: readonly string[] = []) =>
  findBackup(target, name, signal).then((receipt) => readBackup(receipt, { target, identities, signal }));

async function restore(
  to: StackPlaces,
  { name, replaceStack = false }: { name?: string; replaceStack?: boolean } = {},
) {
  const receipt = await findBackup(target, name, signal);
  return restoreBackup(receipt, {
    places: to,
    target,
    identities: [],
    signal,
    replaceStack,
    audit: commandAudit(to.audit),
  });
}

test('says what it holds, and reads back whole', async () => {
  const receipt = await backup();
  expect(receipt).toMatchObject({
    name: expect.stringMatching(/^xnai-\d{8}T\d{9}Z-[0-9a-f]{16}\.tar\.zst$/),
    encrypted: false,
    manifest: { format: 1, index: { format: 3, collections: 1, documents: 2, chunks: 4 }, schedules: 1 },
  });
  const { files, audit } = await read(receipt.name);
  expect(files.map(({ path }) => path)).toEqual([
    'index.sqlite',
    'keys.json',
    'audit-key',
    'schedules.json',
    'audit/commands/000000000001.jsonl',
    'redis/appendonlydir/appendonly.aof.1.incr.aof',
  ]);
  expect(audit['commands']).toMatchObject({
    seq: expect.any(Number),
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect((await readdir(join(root, 'target'))).sort()).toEqual([receipt.name, receiptName(receipt.name)]);
});

test('holds the parts of an append-only file that are in use, and none without the others', async () => {
  const folder = join(places.redis, 'appendonlydir');
  await writeFile(join(folder, 'temp-appendonly.aof.manifest'), '');
  await mkdir(`${folder}.before-restore-1`);
  await writeFile(join(`${folder}.before-restore-1`, 'appendonly.aof.1.incr.aof'), 'former');
  const manifest = join(folder, 'appendonly.aof.manifest');
  await writeFile(manifest, 'file appendonly.aof.1.incr.aof seq 1 type i\n');
  const redisFiles = async () => {
    const { files } = await read((await backup()).name);
    return files.map(({ path }) => path).filter((path) => path.startsWith('redis/'));
  };
  expect(await redisFiles()).toEqual([
    'redis/appendonlydir/appendonly.aof.1.incr.aof',
    'redis/appendonlydir/appendonly.aof.manifest',
  ]);
  await writeFile(manifest, 'file appendonly.aof.2.base.rdb seq 2 type b\n');
  await expect(backup()).rejects.toMatchObject({ code: 'TORN' });
  await rm(places.redis, { recursive: true });
  expect(await redisFiles()).toEqual([]);
});

test('can be unpacked without this program', async ({ skip }) => {
  const { name } = await backup();
  const tar = ['--zstd', '-tf', join(root, 'target', name)];
  try {
    execFileSync('zstd', ['--version'], { stdio: 'ignore' });
  } catch {
    skip('no zstd here');
  }
  expect(execFileSync('tar', tar, { encoding: 'utf8' })).toMatch(/^manifest\.json\nindex\.sqlite\n/);
});

test('keeps the newest ones of this stack, and none of another', async () => {
  const other = await backup(await makeStack(join(root, 'two'), ['z']));
  for (let count = 0; count < 3; count++) await backup(places, { keep: 2 });
  const { backups } = await listBackups(target, signal);
  expect(backups).toHaveLength(3);
  expect(backups.map(({ name }) => name)).toContain(other.name);
});

test('restores into an empty folder: documents, schedules, keys, audit and Redis data', async () => {
  await backup();
  const empty = placesIn(join(root, 'empty'));
  expect(await restore(empty)).toEqual({
    restored: ['index', 'schedules', 'redis', 'keys', 'audit key', 'audit'],
    kept: [],
    movedAside: [],
  });
  expect(documentsOf(empty)).toEqual(['a', 'b']);
  expect(await listKeys(empty.keys)).toEqual(await listKeys(places.keys));
  expect(await readFile(join(empty.redis, 'appendonlydir/appendonly.aof.1.incr.aof'), 'utf8')).toBe('queue');
  expect(await readFile(empty.schedules)).toEqual(await readFile(places.schedules));
  const key = await readSigningKey(empty.audit.keyFile);
  expect((await verifyAudit(empty.audit.folder, { key })).findings).toEqual([]);
  expect((await readActs(empty.audit.folder)).map(({ what }) => what)).toContain('backup.restore');
});

test('restores into its own stack: the index goes back, a revoked key does not come back', async () => {
  await backup();
  writeDocuments(places, ['c']);
  const audit = commandAudit(places.audit);
  for (const { id } of await listKeys(places.keys)) await revokeKey(places.keys, id, audit);
  const { kept, movedAside } = await restore(places);
  expect(documentsOf(places)).toEqual(['a', 'b']);
  expect(kept).toEqual(['keys', 'audit']);
  expect(movedAside[0]).toContain('rag.sqlite.before-restore-');
  expect(await listKeys(places.keys)).toEqual([]);
});

test('a stack without schedules has none in its backup, and a file that is none is named', async () => {
  await rm(places.schedules);
  expect((await backup()).manifest.schedules).toBe(0);
  await writeFile(places.schedules, 'no JSON');
  await expect(backup()).rejects.toMatchObject({ message: expect.stringContaining(places.schedules) });
});

test('an audit that was changed is in it as it is, and the manifest says so', async () => {
  expect((await backup()).manifest.auditFaults).toEqual([]);
  const file = join(places.audit.folder, 'commands/000000000001.jsonl');
  await writeFile(file, (await readFile(file, 'utf8')).replace('key.create', 'key.revoke'));
  const { name, manifest } = await backup();
  expect(manifest.auditFaults).toEqual([
    'commands/000000000001.jsonl:1: line 1 was changed after it was written',
  ]);
  expect((await listBackups(target, signal)).backups[0]).toMatchObject({ name, manifest });
});

test('goes to the snapshots where the service keeps some', async () => {
  const snapshots = join(root, 'snapshots');
  await backup();
  await restore({ ...places, snapshots });
  expect(await readdir(snapshots)).toEqual([expect.stringMatching(/^index-.*\.sqlite$/)]);
  expect(await readdir(join(root, 'one/index'))).not.toContain('rag.sqlite');
});

describe('encrypted with age', () => {
  test('it opens with the key alone, and shows no text without it', async () => {
    const identity = await generateX25519Identity();
    const recipients = [await identityToRecipient(identity)];
    const { name, encrypted } = await backup(places, { recipients });
    expect({ encrypted, end: name.slice(-4) }).toEqual({ encrypted: true, end: '.age' });
    expect((await readFile(join(root, 'target', name))).includes('appendonly')).toBe(false);
    expect((await read(name, [identity])).files).toHaveLength(6);
    await expect(read(name)).rejects.toMatchObject({
      code: 'ENCRYPTED',
      message: expect.stringContaining('--identity'),
    });
    await expect(read(name, [await generateX25519Identity()])).rejects.toMatchObject({ code: 'ENCRYPTED' });
  });

  test('a recipient or a key that is none is named before anything is written', async () => {
    await expect(backup(places, { recipients: ['age1nonsense'] })).rejects.toMatchObject({
      code: 'ENCRYPTED',
    });
    const { name } = await backup(places, {
      recipients: [await identityToRecipient(await generateX25519Identity())],
    });
    await expect(read(name, ['no key'])).rejects.toMatchObject({ code: 'ENCRYPTED' });
  });
});

describe('is refused by name', () => {
  test('when it is of another stack; --replace-stack takes it all the same', async () => {
    const { manifest } = await backup();
    const other = await makeStack(join(root, 'two'), ['z']);
    await expect(restore(other)).rejects.toMatchObject({
      code: 'FOREIGN',
      message: expect.stringContaining(`is of the stack ${manifest.stack}`),
    });
    expect(documentsOf(other)).toEqual(['z']);
    await restore(other, { replaceStack: true });
    expect(documentsOf(other)).toEqual(['a', 'b']);
    expect((await listKeys(other.keys)).map(({ name }) => name)).toEqual(['one']);
    const key = await readSigningKey(other.audit.keyFile);
    expect((await verifyAudit(other.audit.folder, { key })).findings).toEqual([]);
  });

  test.each([
    ['a later version', { version: '99.0.0' }],
    ['another form', { format: 2 }],
  ])('when it was made by %s', async (_, change) => {
    const { name } = await backup();
    const file = join(root, 'target', receiptName(name));
    const receipt = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...receipt, manifest: { ...receipt.manifest, ...change } }));
    await expect(restore(placesIn(join(root, 'empty')))).rejects.toMatchObject({ code: 'NEWER' });
  });

  test.each([
    ['cut', (file: string) => truncate(file, 900)],
    ['empty', (file: string) => truncate(file, 0)],
    ['longer', (file: string) => appendFile(file, 'x')],
    ['something else', (file: string) => writeFile(file, 'no archive')],
  ])('when it is %s, and nothing is touched', async (_, damage) => {
    const { name } = await backup();
    await damage(join(root, 'target', name));
    await expect(read(name)).rejects.toMatchObject({ code: 'TORN', message: expect.stringContaining(name) });
    await expect(restore(places)).rejects.toMatchObject({ code: 'TORN' });
    expect((await readdir(places.dataDir)).filter((one) => one.includes('restor'))).toEqual([]);
    expect(documentsOf(places)).toEqual(['a', 'b']);
  });

  test('when a bit has changed', async () => {
    const { name } = await backup();
    const file = join(root, 'target', name);
    const bytes = await readFile(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expect(read(name)).rejects.toMatchObject({ code: 'TORN' });
  });

  test('when it has no receipt: whoever wrote it was killed', async () => {
    const { name } = await backup();
    await rm(join(root, 'target', receiptName(name)));
    await expect(read(name)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(name),
    });
    expect(await listUnfinished(target)).toEqual([name]);
    await backup();
    expect(await listUnfinished(target)).toEqual([]);
  });

  test.each(['rag', 'crawler'])('while %s is running', async (service) => {
    await backup();
    await mkdir(join(places.audit.folder, service), { recursive: true });
    using _running = await lockFolder(join(places.audit.folder, service));
    await expect(restore(places)).rejects.toMatchObject({ code: 'IN_USE' });
  });
});

test('two at once: the second is told so', async () => {
  const results = await Promise.allSettled([backup(), backup()]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'RUNNING' });
});

test('a schedule makes one when the newest is old, tries again after a failure, and keeps to its interval', async () => {
  const stop = new AbortController();
  const made: string[] = [];
  const failures: string[] = [];
  const newestMs: number[] = [];
  await writeFile(join(root, 'target'), 'no folder');
  const options = { places, target, recipients: [], keep: 3, timeoutMs: 60_000, signal: stop.signal };
  const run = (everyMs: number, enough: number) =>
    scheduleBackups({
      ...options,
      everyMs,
      audit: { record: async () => ({ seq: 1 }) },
      onBackup: ({ name }) => void (made.push(name) === enough && stop.abort()),
      onNewest: (createdAtMs) => newestMs.push(createdAtMs),
      onFailure: async (error) => {
        failures.push((error as Error).message);
        await rm(join(root, 'target'), { force: true });
      },
    });
  await run(400, 2);
  expect(made).toHaveLength(2);
  expect(failures.length).toBeGreaterThanOrEqual(1);
  expect(failures[0]).toContain('no folder');
  const [newest, older] = (await listBackups(target, signal)).backups.map(({ manifest }) =>
    Date.parse(manifest.createdAt),
  );
  expect((newest ?? 0) - (older ?? 0)).toBeGreaterThanOrEqual(400);
  expect([...new Set(newestMs)]).toEqual([0, older]);
});

test('a process that is killed while it makes one leaves the others whole', async () => {
  expect(await killWhilePacking({ root, rounds: 1 })).toEqual({ killed: 1, lost: 0 });
});

describe('a target', () => {
  test('that is full leaves older backups, and says so', async (context) => {
    using _disk = mountTmpfs(context, 'size=64k', join(root, 'target'));
    const kept = await backup();
    await writeFile(join(root, 'target/fill'), Buffer.alloc(56_000)).catch(() => {});
    await expect(backup()).rejects.toMatchObject({
      code: 'TARGET',
      message: expect.stringContaining('full (ENOSPC)'),
    });
    expect((await listBackups(target, signal)).backups).toEqual([kept]);
    expect((await readdir(join(root, 'target'))).filter((name) => name.startsWith('.'))).toEqual([]);
    const acts = await readActs(places.audit.folder);
    expect(acts.filter(({ what }) => what === 'act.failed')).toHaveLength(1);
  });

  test('that is read-only is named', async (context) => {
    using _disk = mountTmpfs(context, 'ro', join(root, 'target'));
    await expect(backup()).rejects.toMatchObject({
      code: 'TARGET',
      message: expect.stringContaining('read-only'),
    });
  });

  test('whose path is no folder is named', async () => {
    await writeFile(join(root, 'file'), '');
    target = folderTarget(join(root, 'file/backups'));
    await expect(backup()).rejects.toMatchObject({
      code: 'TARGET',
      message: expect.stringContaining('no folder'),
    });
  });
});

test('an index that is not there, and a key file that cannot be read, are said', async () => {
  await rm(join(places.dataDir, 'index'), { recursive: true });
  await expect(backup()).rejects.toMatchObject({ code: 'NOTHING' });
  await chmod(join(root, 'target'), 0o700);
  expect((await listBackups(target, signal)).backups).toEqual([]);
});
