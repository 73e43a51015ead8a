import { createWriteStream } from 'node:fs';
import { cp, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fingerprintOf, readSigningKey } from '@xnai/secrets';
import type { AuditLog } from '@xnai/service';
import { LockError, lockFolder } from '@xnai/service/lock';
import { makeFolder } from '@xnai/service/make-folder';
import { listChainFiles, listWriters } from '../audit/chain-files.ts';
import { snapshotName } from '../snapshots/index.ts';
import { BackupError } from './backup-error.ts';
import { lockBackups } from './create.ts';
import type { Receipt } from './manifest.ts';
import { type ReadOptions, readBackup } from './read-backups.ts';
import type { StackPlaces } from './stack-places.ts';

export interface RestoreOptions extends Pick<ReadOptions, 'target' | 'identities' | 'signal'> {
  readonly places: StackPlaces;
  /** Also a backup of another stack: this stack becomes that one, with its keys and its audit. */
  readonly replaceStack: boolean;
  /** Opens the chain for each act: it is not there yet, or it is replaced. */
  readonly audit: Pick<AuditLog, 'record'>;
}

export interface Restored {
  /** Parts that were put in their place. */
  readonly restored: readonly string[];
  /** Parts that were there already and stay: newer keys and acts are not taken back. */
  readonly kept: readonly string[];
  /** What was there before, under its new name. */
  readonly movedAside: readonly string[];
}

/**
 * Puts a backup in the place of a stack that is not running. Nothing is touched before all of it was read and found whole;
 * what is replaced is moved aside. Keys and the audit stay where there are some, unless `replaceStack` says otherwise.
 *
 * @throws {BackupError} IN_USE, FOREIGN, and those of `readBackup`
 */
export async function restoreBackup(receipt: Receipt, options: RestoreOptions): Promise<Restored> {
  const { places } = options;
  await requireSameStack(receipt, options);
  await using held = new AsyncDisposableStack();
  held.use(await lockBackups(places.dataDir));
  await lockServices(places, held);
  const folder = await mkdtemp(join(places.dataDir, '.restoring-'));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  await readBackup(receipt, { ...options, onFile: (path, body) => writeInto(folder, path, body) });
  const restored = await placeParts(folder, options);
  await held.disposeAsync();
  await options.audit.record({ what: 'backup.restore', of: { backup: receipt.name, ...restored } });
  return restored;
}

async function requireSameStack(
  { name, manifest }: Receipt,
  { places, replaceStack }: RestoreOptions,
): Promise<void> {
  const key = await readSigningKey(places.audit.keyFile).catch(() => undefined);
  if (key === undefined || replaceStack || fingerprintOf(key) === manifest.stack) return;
  const detail = `${name} is of the stack ${manifest.stack}, and this is ${fingerprintOf(key)}. To make this stack that one, with its keys and its audit: --replace-stack`;
  throw new BackupError('FOREIGN', { detail });
}

/** Each service holds the lock of its audit chain, and `npm start` that of the data folder, as long as it runs. */
async function lockServices({ dataDir, audit }: StackPlaces, held: AsyncDisposableStack): Promise<void> {
  // Replicas have chains of their own names. A command that records something holds its chain for a moment only.
  const writers = new Set(['rag', 'crawler', ...(await listWriters(audit.folder))]);
  writers.delete('commands');
  for (const folder of [dataDir, ...[...writers].map((writer) => join(audit.folder, writer))]) {
    await makeFolder(folder);
    try {
      held.use(await lockFolder(folder));
    } catch (cause) {
      if (!(cause instanceof LockError && cause.code === 'LOCKED')) throw cause;
      const detail = `The stack is running (${cause.message}): stop it before you restore`;
      throw new BackupError('IN_USE', { detail, cause });
    }
  }
}

async function writeInto(folder: string, path: string, body: ReadableStream<Uint8Array>): Promise<void> {
  const file = join(folder, path);
  if (!file.startsWith(`${folder}/`))
    throw new BackupError('TORN', { detail: `${path} leads out of the backup` });
  await makeFolder(dirname(file));
  await pipeline(Readable.fromWeb(body as never), createWriteStream(file, { mode: 0o600, flush: true }));
}

async function placeParts(from: string, { places, replaceStack }: RestoreOptions): Promise<Restored> {
  const mover = new Mover();
  await placeIndex(from, places, mover);
  await placeSchedules(join(from, 'schedules.json'), places.schedules, mover);
  await placeRedis(join(from, 'redis'), places.redis, mover);
  const hasKeys = !replaceStack && (await exists(places.keys));
  if (hasKeys) mover.kept.push('keys');
  else await mover.place(join(from, 'keys.json'), places.keys, 'keys');
  const hasAudit = !replaceStack && (await listWriters(places.audit.folder)).length > 0;
  if (hasAudit) mover.kept.push('audit');
  else await placeAudit(from, places, mover);
  return { restored: [...new Set(mover.restored)], kept: mover.kept, movedAside: mover.movedAside };
}

/** Where rag keeps snapshots it restores the newest one itself, once its index is gone. */
async function placeIndex(from: string, { index, snapshots }: StackPlaces, mover: Mover): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await mover.setAside(index + suffix);
  const to = snapshots === undefined ? index : join(snapshots, snapshotName(new Date()));
  await mover.place(join(from, 'index.sqlite'), to, 'index');
}

/** As they were: those of another day go aside with the index of that day. A backup without any leaves those that are there. */
async function placeSchedules(from: string, to: string, mover: Mover): Promise<void> {
  if (await exists(from)) await mover.place(from, to, 'schedules');
}

async function placeRedis(from: string, to: string, mover: Mover): Promise<void> {
  if (!(await exists(from))) return;
  for (const name of await readdir(to).catch(() => [])) await mover.setAside(join(to, name));
  for (const name of await readdir(from)) await mover.place(join(from, name), join(to, name), 'redis');
}

async function placeAudit(from: string, { audit }: StackPlaces, mover: Mover): Promise<void> {
  await mover.place(join(from, 'audit-key'), audit.keyFile, 'audit key');
  for (const writer of await readdir(join(from, 'audit'))) {
    const [source, to] = [join(from, 'audit', writer), join(audit.folder, writer)];
    for (const { path } of await listChainFiles(to)) await mover.setAside(path);
    for (const name of await readdir(source)) await mover.place(join(source, name), join(to, name), 'audit');
  }
}

class Mover {
  readonly restored: string[] = [];
  readonly kept: string[] = [];
  readonly movedAside: string[] = [];
  readonly #suffix = `.before-restore-${new Date().toISOString().replace(/[-:.]/g, '')}`;

  async place(from: string, to: string, part: string): Promise<void> {
    await this.setAside(to);
    await makeFolder(dirname(to));
    await move(from, to);
    this.restored.push(part);
  }

  async setAside(path: string): Promise<void> {
    if (!(await exists(path)) || basename(path).includes('.before-restore-')) return;
    await rename(path, path + this.#suffix);
    this.movedAside.push(path + this.#suffix);
  }
}

/** Volumes are file systems of their own. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(from, `${to}.restoring`, { recursive: true });
    await rename(`${to}.restoring`, to);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
