import { pipeline, Readable } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { FetchError } from '../fetch-error.ts';
import { ByteSource } from './byte-source.ts';
import { gunzip, isGzip } from './gunzip.ts';

/** Value of `Accept-Encoding`. */
export const ACCEPTED_ENCODINGS = 'gzip, br, zstd, deflate';

/** Honest servers compress once; each further layer multiplies what a bomb can do. */
const MAX_LAYERS = 2;

type Decoder = (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

/**
 * Undoes a response's `Content-Encoding` as leniently as browsers do: names that stand for no compression (`none`,
 * `utf-8`) are passed over, and so is the name of a compression that the body does not have.
 *
 * @throws {FetchError} `content-type` for a compression that was not requested, or for more than two
 */
export function decodeContent(chunks: AsyncIterable<Buffer>, contentEncoding: string): AsyncIterable<Buffer> {
  const names = contentEncoding.split(',').map((name) => name.trim().toLowerCase());
  if (names.some((name) => NOT_REQUESTED.has(name))) throw new FetchError('content-type');
  const decoders = names.flatMap((name) => DECODERS.get(name) ?? []);
  if (decoders.length > MAX_LAYERS) throw new FetchError('content-type');
  // The last one applied is the first one undone.
  return decoders.reduceRight((decoded, decode) => decode(decoded), chunks);
}

/** Unpacks gzip; anything else passes as it is. It is known by its first bytes, since servers name it in many ways. */
export async function* gunzipIfNeeded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = new ByteSource(chunks);
  yield* isGzip(await source.peek(2)) ? gunzip(source) : source;
}

/** Compressions of the HTTP Content Coding Registry, and those that other tools write, that are not undone here. */
const NOT_REQUESTED = new Set(
  'aes128gcm bzip2 compress dcb dcz exi lzma pack200-gzip sdch x-bzip2 x-compress xz'.split(' '),
);

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gunzipIfNeeded],
  ['x-gzip', gunzipIfNeeded],
  ['deflate', inflate],
  ['x-deflate', inflate],
  ['br', unpackBrotli],
  ['zstd', unpackZstd],
]);

// Like browsers: a compressed stream that ends early gives the data before its end.
const LENIENT = { finishFlush: constants.Z_SYNC_FLUSH };

/** RFC 9110 section 8.4.1.2 has a zlib header before the data; some servers leave it out. */
async function* inflate(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = new ByteSource(chunks);
  const start = await source.peek(MARKUP_BYTES);
  if (isMarkup(start)) return yield* source;
  if (isGzip(start)) return yield* gunzip(source);
  yield* unpack(source, isZlib(start) ? createInflate(LENIENT) : createInflateRaw(LENIENT));
}

async function* unpackBrotli(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = new ByteSource(chunks);
  const start = await source.peek(MARKUP_BYTES);
  if (isMarkup(start)) return yield* source;
  yield* unpack(source, createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }));
}

async function* unpackZstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = new ByteSource(chunks);
  const start = await source.peek(4);
  if (start.length < 4 || !ZSTD_MAGIC.has(start.readUInt32LE())) return yield* source;
  // RFC 9659: a window of at most 8 MiB (2^23) on the web; the library's default would take 128 MiB.
  yield* unpack(source, createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } }));
}

/** RFC 8878: a frame, or one of the sixteen kinds of skippable frames. */
const ZSTD_MAGIC = new Set([0xfd2fb528, ...Array.from({ length: 16 }, (_, kind) => 0x184d2a50 + kind)]);

/** RFC 1950 section 2.2: method 8, and both bytes together a multiple of 31. */
function isZlib(start: Buffer): boolean {
  return start.length >= 2 && ((start[0] ?? 0) & 0x0f) === 8 && start.readUInt16BE() % 31 === 0;
}

const MARKUP_BYTES = 9;

/** Deflate without header and Brotli have no mark of their own, but they do not begin like a page either. */
function isMarkup(start: Buffer): boolean {
  return /^\ufeff?\s*<(!doc|!--|html|head|\?xml)/i.test(start.toString('utf8', 0, MARKUP_BYTES));
}

async function* unpack(
  chunks: AsyncIterable<Buffer>,
  stream: NodeJS.ReadWriteStream,
): AsyncGenerator<Buffer> {
  // Any failure of the chain ends the loop; the callback has nothing to add.
  yield* pipeline(Readable.from(chunks, { objectMode: false }), stream, () => {}) as unknown as Readable;
}
