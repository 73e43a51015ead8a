import type { Duplex } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import { FetchError } from '../fetch-error.ts';

/** Value of `Accept-Encoding`. */
export const ACCEPTED_ENCODINGS = 'gzip, br, zstd, deflate';

/** Honest servers compress once; each further layer multiplies what a bomb can do. */
const MAX_LAYERS = 2;

/**
 * The streams that undo a response's `Content-Encoding`, in the order to go through them (last applied, first undone).
 *
 * @throws FetchError `content-type` for an encoding that was not asked for
 */
export function createDecoders(contentEncoding: string): Duplex[] {
  const encodings = contentEncoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (encodings.length > MAX_LAYERS) throw new FetchError('content-type');
  return encodings.reverse().map(createDecoder);
}

function createDecoder(encoding: string): Duplex {
  // Like browsers: a compressed stream that ends early gives the data before its end.
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(lenient);
    case 'deflate':
      return createInflate(lenient);
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    case 'zstd':
      // RFC 9659: a window of at most 8 MiB (2^23) on the web; the library's default would take 128 MiB.
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } });
    default:
      throw new FetchError('content-type');
  }
}
