import { Transform } from 'node:stream';
import type { Dispatcher } from 'undici';
import { decodeContent } from './decode-content.ts';
import { FetchError } from './fetch-error.ts';
import type { FetchLimits } from './fetch-limits.ts';

export interface BodyReader {
  readonly chunks: AsyncIterable<Buffer>;
  progress(): { readonly wireBytes: number; readonly decodedBytes: number };
  cancel(): void;
}

type BodyLimits = Pick<FetchLimits, 'maxDecodedBytes' | 'maxRatio' | 'ratioFromBytes'>;

/**
 * Reads a response's body with its limits held while it is decoded: a bomb is refused at the cap, and what was
 * decoded so far is all the memory it ever had.
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
      const counted = body.pipe(createCounter(progress));
      body.on('error', (error) => counted.destroy(error));
      for await (const chunk of decodeContent(counted, String(headers['content-encoding'] ?? ''))) {
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
