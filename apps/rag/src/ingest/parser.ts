import type { TextDocument } from '@xnai/contracts';
import type { TaskFailure } from '@xnai/service/thread-task';
import { openThreads, type TaskOptions, ThreadError } from '@xnai/service/threads';
import type { Reading } from '../blocks/reading.ts';
import { withTexts } from '../blocks/without-texts.ts';
import { createAdmission } from './admission.ts';
import { IngestError } from './ingest-error.ts';
import type { DeliverReply } from './parser-thread.ts';
import type { TextSource } from './read-text.ts';

export interface ParsedDocument extends Reading {
  /** The title that the document itself gives. */
  readonly title: string | undefined;
}

/** A document that came with its blocks. `title` may be given beside the document. */
export type Delivered = ParsedDocument &
  Pick<DeliverReply, 'contentType' | 'contentHash' | 'url' | 'metadata' | 'links'>;

/**
 * Reads and chunks documents off the event loop. Every method throws:
 *
 * @throws {IngestError} DOCUMENT_NOT_READABLE when reading fails, or takes too much time or memory
 * @throws {IngestError} OVERLOADED when too much text waits already
 */
export interface Parser extends AsyncDisposable {
  /** @throws {IngestError} DOCUMENT_CHARSET when more than 1 % of the text cannot be decoded */
  parse(source: TextSource, options?: ParseOptions): Promise<ParsedDocument>;
  /** Chunks of a document that was read elsewhere in this process. */
  cut(document: TextDocument, options?: ParseOptions): Promise<ParsedDocument>;
  /** @throws {IngestError} VALIDATION, BODY_NOT_JSON or NOT_UTF8 when the body is not a `DeliveredDocument` */
  deliver(body: Uint8Array, options?: ParseOptions): Promise<Delivered>;
  close(): Promise<void>;
}

export interface ParseOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ParserOptions {
  readonly threads?: number | undefined;
  /** For one document, not counting the wait for a thread. */
  readonly timeoutMs?: number | undefined;
  readonly maxHeapMb?: number | undefined;
  /** Limit of all waiting documents together, in UTF-16 units or bytes. */
  readonly maxWaitingChars?: number | undefined;
}

export function createParser(options: ParserOptions = {}): Parser {
  const {
    threads: size = 1,
    timeoutMs = 60_000,
    maxHeapMb = 768,
    maxWaitingChars = 64 * 1024 * 1024,
  } = options;
  const threads = openThreads<typeof import('./parser-thread.ts')>({
    module: new URL('./parser-thread.ts', import.meta.url),
    size,
    // The threads hold most of this process's memory, and give it back while there is nothing to parse.
    minSize: 0,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 16 },
    toError: toIngestError,
  });
  const admit = createAdmission(maxWaitingChars);

  async function run<Reply>(
    chars: number,
    { signal }: ParseOptions,
    task: (limits: TaskOptions) => Promise<Reply>,
  ): Promise<Reply> {
    try {
      return await admit(chars, () => task({ signal, onAbort: 'kill', timeoutMs }));
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof IngestError) throw cause;
      const isLate = cause instanceof ThreadError && cause.code === 'TASK_TIMED_OUT';
      const detail = isLate ? 'The document takes too long to parse' : undefined;
      throw new IngestError('DOCUMENT_NOT_READABLE', { detail, cause });
    }
  }
  const close = () => threads.close();
  return {
    parse: async (source, given = {}) =>
      withTexts(await run(source.content.length, given, (limits) => threads.run('parse', source, limits))),
    cut: async (document, given = {}) =>
      withTexts(await run(document.text.length, given, (limits) => threads.run('cut', document, limits))),
    deliver: async (body, given = {}) =>
      withTexts(await run(body.length, given, (limits) => threads.run('deliver', body, limits))),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The messages of other errors are not for clients. */
function toIngestError({ code, message, cause }: TaskFailure): IngestError {
  if (IngestError.has(code)) return new IngestError(code, { detail: message, cause });
  return new IngestError('DOCUMENT_NOT_READABLE', { cause: new Error(message) });
}
