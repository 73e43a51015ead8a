import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { ParsedTarEntry } from 'modern-tar';
import { hashOf, unpackArchive } from './archive.ts';
import { BackupError } from './backup-error.ts';
import { FORMAT, MANIFEST, Manifest, Receipt } from './manifest.ts';
import { isNewer, productVersion } from './product-version.ts';
import type { Target } from './target.ts';

const NAME = /^xnai-\d{8}T\d{9}Z-[0-9a-f]{16}\.tar\.zst(\.age)?$/;

/** Sorted by name, backups are sorted by time. */
export function backupName({ createdAt, stack }: Manifest, isEncrypted: boolean): string {
  return `xnai-${createdAt.replace(/[-:.]/g, '')}-${stack}.tar.zst${isEncrypted ? '.age' : ''}`;
}

export function receiptName(name: string): string {
  return `${name}.receipt.json`;
}

/** All finished backups in a target, newest first, and the receipts that cannot be read. */
export async function listBackups(target: Target, signal: AbortSignal) {
  const names = await target.list();
  const backups: Receipt[] = [];
  const unreadable: string[] = [];
  for (const name of names
    .filter((one) => NAME.test(one))
    .toSorted()
    .toReversed()) {
    if (!names.includes(receiptName(name))) continue;
    const receipt = await readReceipt(target, name, signal).catch(() => undefined);
    if (receipt === undefined) unreadable.push(receiptName(name));
    else backups.push(receipt);
  }
  return { backups, unreadable };
}

/** Archives without a receipt: their writer was killed, or is at work. */
export async function listUnfinished(target: Target): Promise<readonly string[]> {
  const names = await target.list();
  return names.filter((name) => NAME.test(name) && !names.includes(receiptName(name)));
}

/**
 * The receipt of a backup; of the newest one without a name.
 *
 * @throws {BackupError} NOT_FOUND, TORN
 */
export async function findBackup(
  target: Target,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Receipt> {
  if (name !== undefined) return readReceipt(target, name, signal);
  const { backups } = await listBackups(target, signal);
  if (backups[0] !== undefined) return backups[0];
  throw new BackupError('NOT_FOUND', { detail: `There is no backup in ${target.name}` });
}

async function readReceipt(target: Target, name: string, signal: AbortSignal): Promise<Receipt> {
  const json = await target.get(receiptName(name), signal).then(
    (stream) => text(stream),
    (cause) => {
      if (!(cause instanceof BackupError && cause.code === 'NOT_FOUND')) throw cause;
      const detail = `${name} is no finished backup in ${target.name}: it has no receipt`;
      throw new BackupError('NOT_FOUND', { detail, cause });
    },
  );
  try {
    return Receipt.parse(JSON.parse(json));
  } catch (cause) {
    throw new BackupError('TORN', { detail: `${receiptName(name)} is no receipt of a backup`, cause });
  }
}

export interface ReadOptions {
  readonly target: Target;
  /** age identities (`AGE-SECRET-KEY-…`). */
  readonly identities: readonly string[];
  readonly signal: AbortSignal;
  /** Takes over a file; default: it is only hashed. */
  readonly onFile?: (path: string, body: ReadableStream<Uint8Array>) => Promise<void>;
}

/**
 * Reads a whole backup: the archive must be as the receipt says, and each file in it as the manifest says. Files are
 * handed over before the end is known: they may be used only after this has resolved.
 *
 * @throws {BackupError} NEWER, TORN or ENCRYPTED
 */
export async function readBackup(receipt: Receipt, options: ReadOptions): Promise<Manifest> {
  await requireKnown(receipt);
  const hash = createHash('sha256');
  const archive = (await options.target.get(receipt.name, options.signal)).pipeThrough(hashing(hash));
  const manifest = await readFiles(archive, receipt, options).catch((cause: unknown) => {
    throw cause instanceof BackupError ? cause : torn(receipt, 'it cannot be unpacked', cause);
  });
  if (hash.digest('hex') !== receipt.sha256) throw torn(receipt, 'it is another file than its receipt says');
  return manifest;
}

async function requireKnown({ name, manifest }: Receipt): Promise<void> {
  const own = await productVersion();
  if (manifest.format <= FORMAT && !isNewer(manifest.version, own)) return;
  const detail = `${name} was made by version ${manifest.version}, and this is version ${own}: update first`;
  throw new BackupError('NEWER', { detail });
}

async function readFiles(
  archive: ReadableStream<Uint8Array>,
  receipt: Receipt,
  options: ReadOptions,
): Promise<Manifest> {
  const { identities, onFile = drain } = options;
  let manifest: Manifest | undefined;
  const missing = new Map<string, Manifest['files'][number]>();
  for await (const entry of unpackArchive(archive, { isEncrypted: receipt.encrypted, identities })) {
    if (manifest === undefined) {
      manifest = await readManifest(entry, receipt);
      for (const file of manifest.files) missing.set(file.path, file);
      continue;
    }
    const expected = missing.get(entry.header.name);
    if (expected === undefined) throw torn(receipt, `${entry.header.name} is not in its manifest`);
    const hash = createHash('sha256');
    await onFile(expected.path, entry.body.pipeThrough(hashing(hash)));
    if (hash.digest('hex') !== expected.sha256) throw torn(receipt, `${expected.path} is not as it was`);
    missing.delete(expected.path);
  }
  if (manifest === undefined || missing.size > 0)
    throw torn(receipt, `it lacks ${[...missing.keys()].join(', ') || MANIFEST}`);
  return manifest;
}

async function readManifest(entry: ParsedTarEntry, receipt: Receipt): Promise<Manifest> {
  if (entry.header.name !== MANIFEST) throw torn(receipt, `it does not begin with ${MANIFEST}`);
  return Manifest.parse(JSON.parse(await text(entry.body)));
}

function hashing(hash: ReturnType<typeof createHash>): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      hash.update(chunk);
      controller.enqueue(chunk);
    },
  });
}

async function drain(_path: string, body: ReadableStream<Uint8Array>): Promise<void> {
  await hashOf(body as unknown as AsyncIterable<Uint8Array>);
}

function torn({ name }: Receipt, what: string, cause?: unknown): BackupError {
  return new BackupError('TORN', {
    detail: `${name} is not whole: ${what}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
