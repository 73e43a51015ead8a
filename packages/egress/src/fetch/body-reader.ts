import type { Dispatcher } from 'undici';
import { FetchError } from '../fetch-error.ts';
import { decodeContent } from './content-decoders.ts';
import type { FetchLimits } from './fetch-limits.ts';

export interface BodyProgress {
  readonly wireBytes: number;
  readonly decodedBytes: number;
}

export interface BodyReader {
  readonly chunks: AsyncIterable<Buffer>;
  progress(): BodyProgress;
  /** Whether the body ended before its stated end. */
  isCut(): boolean;
  cancel(): void;
}

type BodyLimits = Pick<FetchLimits, 'maxDecodedBytes' | 'maxRatio' | 'ratioFromBytes'>;

/**
 * Reads a response's body and checks its limits while decoding, so that a decompression bomb is refused at the cap and
 * never held in memory.
 *
 * @param isCutTaken takes a body that ends before its stated end as it is; otherwise that is an error
 */
export function createBodyReader(
  { body, headers }: Dispatcher.ResponseData,
  { isCutTaken, ...limits }: BodyLimits & { readonly isCutTaken: boolean },
  toError: (error: unknown) => Error,
): BodyReader {
  const progress = { wireBytes: 0, decodedBytes: 0, isCut: false };
  const cancel = () => void body.on('error', () => {}).destroy();

  async function* read(): AsyncGenerator<Buffer> {
    try {
      if (Number(headers['content-length'] ?? 0) > limits.maxDecodedBytes) throw new FetchError('too-large');
      const encoding = String(headers['content-encoding'] ?? '');
      for await (const chunk of decodeContent(countBytes(body, progress, isCutTaken), encoding)) {
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

  return {
    chunks: read(),
    progress: () => ({ wireBytes: progress.wireBytes, decodedBytes: progress.decodedBytes }),
    isCut: () => progress.isCut,
    cancel,
  };
}

async function* countBytes(
  body: AsyncIterable<Buffer>,
  progress: { wireBytes: number; isCut: boolean },
  isCutTaken: boolean,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      progress.wireBytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    progress.isCut = isCutTaken && progress.wireBytes > 0 && isEarlyEnd(error);
    if (!progress.isCut) throw error;
  }
}

/** The server closed the connection, or sent what is no chunk where one was due. */
function isEarlyEnd(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'HTTPParserError' || (error as NodeJS.ErrnoException).code === 'UND_ERR_SOCKET';
}

function assertWithin(
  limits: BodyLimits,
  { wireBytes, decodedBytes }: { wireBytes: number; decodedBytes: number },
): void {
  const isTooLarge = decodedBytes > limits.maxDecodedBytes;
  const isBomb = decodedBytes > limits.ratioFromBytes && decodedBytes > wireBytes * limits.maxRatio;
  if (isTooLarge || isBomb) throw new FetchError('too-large');
}
