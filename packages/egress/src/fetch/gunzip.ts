import { constants, createInflateRaw } from 'node:zlib';
import { FetchError } from '../fetch-error.ts';
import type { ByteSource } from './byte-source.ts';

export function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** Checksum and length; browsers do not compare them either. */
const TRAILER_BYTES = 8;

/**
 * Unpacks gzip with any number of members (RFC 1952). Bytes after the last member are left out, as browsers do: cache
 * plugins append comments. Node's own `Gunzip` fails at such bytes and withholds the end of the text.
 *
 * @throws {FetchError} `network-error` when the first header is broken
 */
export async function* gunzip(source: ByteSource): AsyncGenerator<Buffer> {
  if (!(await skipHeader(source))) throw new FetchError('network-error', { retryable: false });
  do {
    yield* inflateMember(source);
    await source.skip(TRAILER_BYTES);
  } while (await skipHeader(source));
}

const FIXED_BYTES = 10;
const DEFLATE = 8;
/** The extra field has at most 64 KiB by its format; names and comments are short. */
const MAX_HEADER_BYTES = 128 * 1024;

/** False, with nothing skipped, when no member begins here. */
async function skipHeader(source: ByteSource): Promise<boolean> {
  const start = await source.peek(FIXED_BYTES);
  if (start.length < FIXED_BYTES || !isGzip(start) || start[2] !== DEFLATE) return false;
  const flags = start[3] ?? 0;
  let end = FIXED_BYTES;
  if (flags & 4) end += 2 + readLength(await source.peek(end + 2), end);
  if (flags & 8) end = await endOfText(source, end);
  if (flags & 16) end = await endOfText(source, end);
  if (flags & 2) end += 2;
  await source.skip(end);
  return true;
}

function readLength(bytes: Buffer, at: number): number {
  return bytes.length < at + 2 ? 0 : bytes.readUInt16LE(at);
}

async function endOfText(source: ByteSource, start: number): Promise<number> {
  for (let end = start; end < MAX_HEADER_BYTES; end += 1) {
    const bytes = await source.peek(end + 1);
    if (bytes.length <= end || bytes[end] === 0) return end + 1;
  }
  throw new FetchError('network-error', { retryable: false });
}

/** Deflate grows data at most about a thousand times, so that a slice gives at most some 4 MiB. */
const SLICE_BYTES = 4096;
const OUTPUT_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 16 * 1024;

/** Leaves the source at the first byte after the member. A member that ends early gives the data before its end. */
async function* inflateMember(source: ByteSource): AsyncGenerator<Buffer> {
  // The output of a whole slice must fit, because it is read after the slice was written.
  const options = { flush: constants.Z_SYNC_FLUSH, highWaterMark: OUTPUT_BYTES };
  const inflater = createInflateRaw(options);
  const failure = new Promise<never>((_resolve, reject) => inflater.once('error', reject));
  failure.catch(() => {});
  try {
    for (let fed = 0; ; ) {
      const slice = (await source.peek(1)).subarray(0, SLICE_BYTES);
      if (slice.length === 0) return;
      await Promise.race([failure, new Promise<void>((resolve) => inflater.write(slice, () => resolve()))]);
      const taken = inflater.bytesWritten - fed;
      await source.skip(taken);
      fed += taken;
      yield* inChunks(inflater.read() as Buffer | null);
      if (taken < slice.length) return;
    }
  } finally {
    inflater.destroy();
  }
}

/** In small pieces, so that a limit on the output is noticed soon after it is passed. */
function* inChunks(output: Buffer | null): Generator<Buffer> {
  for (let start = 0; output !== null && start < output.length; start += CHUNK_BYTES) {
    yield output.subarray(start, start + CHUNK_BYTES);
  }
}
