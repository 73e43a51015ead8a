import { createReadStream } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditLog } from '@xnai/service';
import { LockError, lockFolder } from '@xnai/service/lock';
import { makeFolder } from '@xnai/service/make-folder';
import { hashOf, packArchive } from './archive.ts';
import { BackupError } from './backup-error.ts';
import { collectStack } from './collect.ts';
import { told } from './folder-target.ts';
import type { Receipt } from './manifest.ts';
import { backupName, listBackups, listUnfinished, receiptName } from './read-backups.ts';
import type { StackPlaces } from './stack-places.ts';
import type { Target } from './target.ts';

export interface CreateOptions {
  readonly places: StackPlaces;
  readonly target: Target;
  /** age recipients (`age1…`). */
  readonly recipients: readonly string[];
  /** How many backups of this stack stay; older ones are deleted after this one is there. */
  readonly keep: number;
  readonly audit: Pick<AuditLog, 'record'>;
  /** A target that is too slow is given up by it. */
  readonly signal: AbortSignal;
}

/**
 * Packs a stack, which may be running, into one file and puts it to the target. It counts as a backup after it was read
 * back from there and had the same hash; then its receipt is written, and older backups of this stack are deleted.
 *
 * @throws {BackupError}
 */
export async function createBackup(options: CreateOptions): Promise<Receipt> {
  const { places, target, audit } = options;
  await told(target.workFolder, () => makeFolder(target.workFolder));
  using _lock = await lockBackups(places.dataDir);
  const { seq } = await audit.record({ what: 'backup.create', of: { target: target.name } });
  try {
    const receipt = await writeBackup(options);
    await deleteOlder(options, receipt.manifest.stack);
    return receipt;
  } catch (error) {
    const reason = (error as Error).message;
    await audit.record({ what: 'act.failed', of: { seq, reason } });
    throw error;
  }
}

/** One backup or restore of a stack at a time, also from another process. */
export async function lockBackups(dataDir: string): Promise<Disposable> {
  try {
    await makeFolder(dataDir);
    return await lockFolder(dataDir, { name: '.backup-lock' });
  } catch (error) {
    if (error instanceof LockError && error.code === 'LOCKED') throw new BackupError('RUNNING');
    throw error;
  }
}

async function writeBackup({ places, target, recipients, signal }: CreateOptions): Promise<Receipt> {
  await using collected = await collectStack(places);
  const { manifest, sources } = collected;
  const isEncrypted = recipients.length > 0;
  const name = backupName(manifest, isEncrypted);
  const work = join(target.workFolder, `.${name}.packing`);
  await deleteUnfinished(target, manifest.stack);
  try {
    const packed = await told(target.workFolder, async () => {
      await packArchive({ to: work, manifest, sources, recipients, signal });
      return hashOf(createReadStream(work));
    });
    await target.put(name, work, signal);
    const there = await hashOf(await target.get(name, signal));
    if (there.sha256 !== packed.sha256)
      throw new BackupError('TORN', {
        detail: `${name} came back from ${target.name} with other bytes than were put there`,
      });
    const { files: _, ...summary } = manifest;
    const receipt: Receipt = { name, ...there, encrypted: isEncrypted, manifest: summary };
    await putReceipt(target, receipt, signal);
    return receipt;
  } catch (error) {
    await Promise.all([rm(work, { force: true }), target.remove(name).catch(() => {})]);
    throw error;
  }
}

async function putReceipt(target: Target, receipt: Receipt, signal: AbortSignal): Promise<void> {
  const name = receiptName(receipt.name);
  const work = join(target.workFolder, `.${name}.packing`);
  await told(target.workFolder, () =>
    writeFile(work, `${JSON.stringify(receipt, undefined, 2)}\n`, { mode: 0o600 }),
  );
  await target.put(name, work, signal);
}

/** What a killed run of this stack left behind; the lock says that no other one is at work. */
async function deleteUnfinished(target: Target, stack: string): Promise<void> {
  for (const name of await listUnfinished(target)) if (name.includes(stack)) await target.remove(name);
  const left = await readdir(target.workFolder);
  const ours = left.filter((name) => name.startsWith('.xnai-') && name.includes(stack));
  await Promise.all(ours.map((name) => rm(join(target.workFolder, name), { force: true })));
}

async function deleteOlder({ target, keep, signal }: CreateOptions, stack: string): Promise<void> {
  const { backups } = await listBackups(target, signal);
  const own = backups.filter(({ manifest }) => manifest.stack === stack);
  for (const { name } of own.slice(keep)) {
    // The receipt first: a backup of which only a part could be deleted is none.
    await target.remove(receiptName(name));
    await target.remove(name);
  }
}
