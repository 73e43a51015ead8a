import { pipeline, type Readable, Transform } from 'node:stream';
import type { Dispatcher } from 'undici';
import { FetchError } from '../fetch-error.ts';
import { createDecoders } from './content-decoders.ts';
import type { FetchLimits } from './fetch-limits.ts';

export interface BodyReader {
  readonly chunks: AsyncIterable<Buffer>;
  progress(): { readonly wireBytes: number; readonly decodedBytes: number };
  cancel(): void;
}

type BodyLimits = Pick<FetchLimits, 'maxDecodedBytes' | 'maxRatio' | 'ratioFromBytes'>;

/**
 * Reads a response's body and checks its limits while decoding, so that a decompression bomb is refused at the cap and
 * never held in memory.
 */
export function createBodyReader(
  { body, headers }: Dispatcher.ResponseData,
  limits: BodyLimits,
  toError: (error: unknown) => Error,
): BodyReader {
  const progress = { wireBytes: 0, decodedBytes: 0 };
  const cancel = () => void body.on('error', () => {}).destroy();

  async function* read(): AsyncGenerator<Buffer> {
    try {
      if (Number(headers['content-length'] ?? 0) > limits.maxDecodedBytes) throw new FetchError('too-large');
      const decoders = createDecoders(String(headers['content-encoding'] ?? ''));
      // Any failure of the chain ends the loop below; the callback has nothing to add.
      const decoded = pipeline([body, createCounter(progress), ...decoders], () => {}) as unknown as Readable;
      for await (const chunk of decoded) {
        progress.decodedBytes += chunk.length;
        assertWithin(limits, progress);
        yield chunk;
      }
    } catch (error) {
      throw toError(error);
    } finally {
      cancel();
    }
  }

  return { chunks: read(), progress: () => ({ ...progress }), cancel };
}

function createCounter(progress: { wireBytes: number }): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      progress.wireBytes += chunk.length;
      callback(null, chunk);
    },
  });
}

function assertWithin(
  limits: BodyLimits,
  { wireBytes, decodedBytes }: { wireBytes: number; decodedBytes: number },
): void {
  const isTooLarge = decodedBytes > limits.maxDecodedBytes;
  const isBomb = decodedBytes > limits.ratioFromBytes && decodedBytes > wireBytes * limits.maxRatio;
  if (isTooLarge || isBomb) throw new FetchError('too-large');
}
