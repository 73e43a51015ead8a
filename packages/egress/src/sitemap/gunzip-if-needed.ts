import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FetchError } from '../fetch-error.ts';

/** Unpacks a `.gz` file as it streams by; known by its first two bytes, since servers name its type in many ways. */
export async function* gunzipIfNeeded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const all = prepend(first.value, iterator);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* all;
  const unpacked = pipeline(Readable.from(all, { objectMode: false }), createGunzip(), () => {});
  try {
    yield* unpacked;
  } catch (error) {
    throw error instanceof FetchError ? error : new FetchError('network-error', { retryable: false });
  }
}

async function* prepend(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
