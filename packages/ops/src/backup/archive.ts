import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import { createTarDecoder, createTarPacker, type ParsedTarEntry } from 'modern-tar';
import { BackupError } from './backup-error.ts';
import { MANIFEST, type Manifest } from './manifest.ts';

/** A file of a backup. Its first `bytes` count: it may grow meanwhile, or lose its name. */
export interface Source {
  readonly path: string;
  readonly handle: FileHandle;
  readonly bytes: number;
}

const CHUNK_BYTES = 256 * 1024;

export async function* readSource({ path, handle, bytes }: Source): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes; ) {
    const length = Math.min(CHUNK_BYTES, bytes - position);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
    if (bytesRead === 0)
      throw new BackupError('TORN', { detail: `${path} became shorter while it was packed` });
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

export async function hashOf(stream: AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
}

export interface PackOptions {
  readonly to: string;
  readonly manifest: Manifest;
  readonly sources: readonly Source[];
  /** age recipients (`age1…`); without any the archive is not encrypted. */
  readonly recipients: readonly string[];
  readonly signal: AbortSignal;
}

/** Writes a tar archive, compressed with Zstandard and encrypted with age: `age -d | tar --zstd -x` reads it too. */
export async function packArchive({ to, manifest, sources, recipients, signal }: PackOptions): Promise<void> {
  const encryption = encryptFor(recipients);
  const { readable, controller } = createTarPacker();
  const packing = addFiles(controller, manifest, sources).catch((error: unknown) => controller.error(error));
  const file = createWriteStream(to, { mode: 0o600, flush: true });
  await pipeline(Readable.fromWeb(readable as never), createZstdCompress(), encryption, file, { signal });
  await packing;
}

async function addFiles(
  controller: ReturnType<typeof createTarPacker>['controller'],
  manifest: Manifest,
  sources: readonly Source[],
): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
  const add = async (
    name: string,
    size: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ) => {
    const writer = controller.add({ name, size, type: 'file', mode: 0o600 }).getWriter();
    for await (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  };
  await add(MANIFEST, text.length, [text]);
  for (const source of sources) await add(source.path, source.bytes, readSource(source));
  controller.finalize();
}

function noRecipient(text: string): string {
  return `${text} is no age recipient (age1…)`;
}

/** What is wrong with an age recipient; undefined: nothing. */
export function recipientFault(text: string): string | undefined {
  try {
    new Encrypter().addRecipient(text);
    return undefined;
  } catch {
    return noRecipient(text);
  }
}

function encryptFor(recipients: readonly string[]) {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    orRefuse(noRecipient(recipient), () => encrypter.addRecipient(recipient));
  }
  return async function* (plain: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    if (recipients.length === 0) return yield* plain;
    const encrypted: ReadableStream<Uint8Array> = await encrypter.encrypt(ReadableStream.from(plain));
    yield* encrypted as unknown as AsyncIterable<Uint8Array>;
  };
}

/**
 * The files of an archive in their order; the body of each must be read to its end.
 *
 * @param identities age identities (`AGE-SECRET-KEY-…`), for an encrypted archive
 */
export async function* unpackArchive(
  archive: ReadableStream<Uint8Array>,
  { isEncrypted, identities }: { readonly isEncrypted: boolean; readonly identities: readonly string[] },
): AsyncGenerator<ParsedTarEntry> {
  const compressed = isEncrypted ? await decrypt(archive, identities) : archive;
  const zstd = createZstdDecompress();
  const decompressed = pipeline(Readable.fromWeb(compressed as never), zstd);
  // The reader of the entries gets the same error.
  decompressed.catch(() => {});
  const entries = (Readable.toWeb(zstd) as ReadableStream<Uint8Array>).pipeThrough(
    createTarDecoder({ strict: true }),
  );
  yield* entries as unknown as AsyncIterable<ParsedTarEntry>;
  await decompressed;
}

async function decrypt(
  archive: ReadableStream<Uint8Array>,
  identities: readonly string[],
): Promise<ReadableStream<Uint8Array>> {
  if (identities.length === 0)
    throw new BackupError('ENCRYPTED', {
      detail: 'The backup is encrypted: name the file of its key with --identity',
    });
  const decrypter = new Decrypter();
  for (const identity of identities)
    orRefuse('The file of the age key holds a line that is no key (AGE-SECRET-KEY-…)', () =>
      decrypter.addIdentity(identity),
    );
  try {
    return await decrypter.decrypt(archive);
  } catch (cause) {
    throw new BackupError('ENCRYPTED', { detail: 'The given key does not open this backup', cause });
  }
}

function orRefuse(detail: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new BackupError('ENCRYPTED', { detail, cause });
  }
}
