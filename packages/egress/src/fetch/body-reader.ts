import type { Dispatcher } from 'undici';
import { FetchError } from '../fetch-error.ts';
import { decodeContent } from './content-decoders.ts';
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
      const encoding = String(headers['content-encoding'] ?? '');
      for await (const chunk of decodeContent(countBytes(body, progress), encoding)) {
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

async function* countBytes(
  body: AsyncIterable<Buffer>,
  progress: { wireBytes: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    progress.wireBytes += chunk.length;
    yield chunk;
  }
}

function assertWithin(
  limits: BodyLimits,
  { wireBytes, decodedBytes }: { wireBytes: number; decodedBytes: number },
): void {
  const isTooLarge = decodedBytes > limits.maxDecodedBytes;
  const isBomb = decodedBytes > limits.ratioFromBytes && decodedBytes > wireBytes * limits.maxRatio;
  if (isTooLarge || isBomb) throw new FetchError('too-large');
}
