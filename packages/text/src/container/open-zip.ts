import { crc32, inflateRawSync } from 'node:zlib';
import { ReadError } from '../read-error.ts';

/** An EPUB of a thousand chapters with pictures has some 5,000 entries. */
const MAX_ENTRIES = 20_000;
/** Of all entries that are read, inflated. What is not read, such as pictures, costs nothing. */
const MAX_INFLATED_BYTES = 128 * 2 ** 20;
/** Office XML deflates to about a tenth, a sheet of equal rows to a hundredth, a bomb to a thousandth. */
const MAX_RATIO = 250;
/** Below this size even a bomb does no harm, and a file of equal lines may deflate this well. */
const RATIO_COUNTS_FROM_BYTES = 32 * 2 ** 20;

const END = 0x06054b50;
const END_BYTES = 22;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LOCATOR64_BYTES = 20;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const MAX_COMMENT_BYTES = 0xffff;
const IN_EXTRA_FIELD = 0xffffffff;

/** A zip archive in memory. Its names are only keys: nothing is ever written to a path. */
export interface Zip {
  /** As the archive spells them, with `/` between folders. */
  readonly names: readonly string[];
  /**
   * The inflated bytes; undefined where there is no such entry, or where it has more than `maxBytes`, packed or inflated.
   * Upper and lower case are the same, as in OPC.
   */
  read(name: string, maxBytes?: number): Uint8Array | undefined;
}

interface Entry {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/**
 * Opens an archive by its central directory. Entries are inflated when they are read, and all of them together only up
 * to a limit, so that a bomb costs no more than the limit.
 *
 * @throws {ReadError} DOCUMENT_DAMAGED when the archive is cut off or an entry does not match its checksum
 * @throws {ReadError} DOCUMENT_TOO_LARGE when there are too many entries, or they inflate to too much
 * @throws {ReadError} DOCUMENT_ENCRYPTED when an entry that is read needs a password
 */
export function openZip(bytes: Uint8Array): Zip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = guarded(() => readDirectory(view));
  const byName = new Map(entries.map((entry) => [entry.name.toLowerCase(), entry]));
  let leftBytes = MAX_INFLATED_BYTES;
  return {
    names: entries.map((entry) => entry.name),
    read(name, maxBytes = Number.POSITIVE_INFINITY) {
      const entry = byName.get(name.toLowerCase());
      if (entry === undefined || Math.max(entry.bytes, entry.packedBytes) > maxBytes) return undefined;
      const content = guarded(() => inflate(view, entry, leftBytes));
      leftBytes -= content.length;
      return content;
    },
  };
}

/** An offset outside of the archive, or bytes that do not inflate, mean that the file is damaged. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ReadError) throw cause;
    throw new ReadError('DOCUMENT_DAMAGED', { detail: 'The file is cut off or damaged', cause });
  }
}

function readDirectory(view: DataView): Entry[] {
  let { count, offset } = findDirectory(view);
  if (count > MAX_ENTRIES) {
    throw new ReadError('DOCUMENT_TOO_LARGE', {
      detail: `The file holds ${count} parts; ${MAX_ENTRIES} are allowed`,
    });
  }
  const entries: Entry[] = [];
  for (; count > 0; count--) {
    if (view.getUint32(offset, true) !== ENTRY) throw new ReadError('DOCUMENT_DAMAGED');
    entries.push(readEntry(view, offset));
    offset += ENTRY_BYTES + [28, 30, 32].reduce((sum, at) => sum + view.getUint16(offset + at, true), 0);
  }
  return entries;
}

function findDirectory(view: DataView): { count: number; offset: number } {
  let end = view.byteLength - END_BYTES;
  const last = Math.max(0, end - MAX_COMMENT_BYTES);
  while (end >= last && view.getUint32(end, true) !== END) end--;
  if (end < last) throw new ReadError('DOCUMENT_DAMAGED', { detail: 'The file is cut off' });
  const locator = end - LOCATOR64_BYTES;
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR64) {
    const end64 = Number(view.getBigUint64(locator + 8, true));
    if (view.getUint32(end64, true) === END64) {
      return {
        count: Number(view.getBigUint64(end64 + 32, true)),
        offset: Number(view.getBigUint64(end64 + 48, true)),
      };
    }
  }
  return { count: view.getUint16(end + 10, true), offset: view.getUint32(end + 16, true) };
}

function readEntry(view: DataView, at: number): Entry {
  const nameBytes = view.getUint16(at + 28, true);
  const name = new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + at + ENTRY_BYTES, nameBytes),
  );
  const [bytes = 0, packedBytes = 0, offset = 0] = largeNumbers(view, at, at + ENTRY_BYTES + nameBytes);
  return {
    name: name.replaceAll('\\', '/').replace(/^\/+/, ''),
    isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packedBytes,
    bytes,
    offset,
  };
}

/** Size, packed size and offset; the extra field 1 holds those that need 64 bits, in this order (APPNOTE 4.5.3). */
function largeNumbers(view: DataView, at: number, extra: number): number[] {
  const end = extra + view.getUint16(at + 30, true);
  let field = extra;
  while (field < end && view.getUint16(field, true) !== 1) field += 4 + view.getUint16(field + 2, true);
  field += 4;
  return [at + 24, at + 20, at + 42].map((place) => {
    const small = view.getUint32(place, true);
    if (small !== IN_EXTRA_FIELD || field >= end) return small;
    field += 8;
    return Number(view.getBigUint64(field - 8, true));
  });
}

function inflate(view: DataView, entry: Entry, leftBytes: number): Uint8Array {
  const { offset, packedBytes, bytes } = entry;
  if (entry.isEncrypted) throw new ReadError('DOCUMENT_ENCRYPTED');
  if (entry.method !== STORED && entry.method !== DEFLATED) throw new ReadError('DOCUMENT_NOT_READABLE');
  if (bytes > leftBytes) throw tooLarge();
  if (bytes > RATIO_COUNTS_FROM_BYTES && bytes > packedBytes * MAX_RATIO) throw tooLarge();
  if (view.getUint32(offset, true) !== LOCAL) throw new ReadError('DOCUMENT_DAMAGED');
  const start = offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  const packed = new Uint8Array(view.buffer, view.byteOffset + start, packedBytes);
  // The stated size is the limit: an entry that inflates to more has lied about it. One chunk holds it, and is not copied.
  const options = { maxOutputLength: Math.max(bytes, 1), chunkSize: bytes + 64 };
  const content = entry.method === STORED ? packed : inflateRawSync(packed, options);
  if (content.length !== bytes || crc32(content) !== entry.crc) throw new ReadError('DOCUMENT_DAMAGED');
  return content;
}

function tooLarge(): ReadError {
  return new ReadError('DOCUMENT_TOO_LARGE', {
    detail: `The file inflates to more than the allowed ${MAX_INFLATED_BYTES / 2 ** 20} MiB`,
  });
}
