import type { TextDocument } from '@xnai/contracts';
import { ChildFailed } from '@xnai/service/ask-child';
import { keepChild } from '@xnai/service/kept-child';
import { ReadError } from '@xnai/text';
import type { FileNames } from '@xnai/text/files';
import { createAdmission } from '../admission.ts';
import type { FileReply, FileRequest } from './read-in-child.ts';

/** Reads files of any type in a child process, one at a time. */
export interface FileReader extends AsyncDisposable {
  /**
   * @throws {ReadError} as `readFile` of `@xnai/text/files` does
   * @throws {ReadError} DOCUMENT_TOO_LARGE when reading takes more memory or time than allowed
   * @throws {ReadError} DOCUMENT_NOT_READABLE when the file ends the process that reads it
   * @throws {IngestError} OVERLOADED when too many files wait already
   * @throws the reason of `signal` when that is aborted first
   */
  read(
    bytes: Uint8Array,
    names: FileNames,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<TextDocument>;
  close(): Promise<void>;
}

export interface FileReaderOptions {
  /** Of the whole child process. */
  readonly maxMemoryBytes: number;
  /** For one file, not counting its wait for the child. */
  readonly timeoutMs?: number | undefined;
  /** The child ends after this long without a file. */
  readonly idleMs?: number | undefined;
  /** Limit of all files together that are read or wait. A file that waits for none is always read. */
  readonly maxWaitingBytes?: number | undefined;
}

const MODULE = new URL('./read-in-child.ts', import.meta.url);
/** A file that inflates fills hundreds of megabytes in a second. */
const CHECK_EVERY_MS = 25;

export function openFileReader(options: FileReaderOptions): FileReader {
  const { maxMemoryBytes, timeoutMs = 120_000, idleMs = 30_000, maxWaitingBytes = 64 * 1024 ** 2 } = options;
  // V8 frees what it no longer needs only when it comes near to its limit; the other half is for buffers and code.
  const heapMb = Math.round(maxMemoryBytes / 2 / 1024 ** 2);
  const child = keepChild<FileRequest, FileReply>(MODULE, {
    env: { NODE_ENV: 'production' },
    execArgv: [
      '--permission',
      '--allow-fs-read=*',
      `--max-old-space-size=${heapMb}`,
      '--max-semi-space-size=8',
    ],
    serialization: 'advanced',
    memory: { maxRssBytes: maxMemoryBytes, checkEveryMs: CHECK_EVERY_MS },
    idleMs,
  });
  const admit = createAdmission(maxWaitingBytes);

  const read: FileReader['read'] = async (bytes, names, { signal } = {}) => {
    try {
      const reply = await admit(bytes.length, () => child.ask({ bytes, names }, { signal, timeoutMs }));
      if ('document' in reply) return reply.document;
      const { code, detail } = reply;
      throw new ReadError(ReadError.has(code) ? code : 'DOCUMENT_NOT_READABLE', { detail });
    } catch (error) {
      throw error instanceof ChildFailed ? refusalOf(error) : error;
    }
  };
  const close = async () => child[Symbol.asyncDispose]();
  return { read, close, [Symbol.asyncDispose]: close };
}

function refusalOf(cause: ChildFailed): ReadError {
  const { reason, stderrTail } = cause.end;
  if (reason !== undefined) {
    const detail = `Reading the document was ended because ${reason}`;
    return new ReadError('DOCUMENT_TOO_LARGE', { detail, cause });
  }
  if (/heap out of memory|heap limit/i.test(stderrTail))
    return new ReadError('DOCUMENT_TOO_LARGE', { cause });
  const detail = 'The document ended the process that read it';
  return new ReadError('DOCUMENT_NOT_READABLE', { detail, cause });
}
