import type { ContentType } from '@xnai/contracts';
import { openThreads, ThreadError } from '@xnai/service/threads';
import { ParseError } from '@xnai/text';
import type { ParsedDocument } from '@xnai/text/parse-document';
import type { ParseReply } from './parser-thread.ts';

/** Parses and chunks documents off the event loop. */
export interface Parser extends AsyncDisposable {
  /**
   * @throws {ParseError} DOCUMENT_NOT_READABLE when parsing fails, or takes too much time or memory
   * @throws {ParseError} OVERLOADED when too much text waits already
   */
  parse(
    content: string,
    contentType: ContentType,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<ParsedDocument>;
  close(): Promise<void>;
}

export interface ParserOptions {
  readonly threads?: number | undefined;
  /** For one document, not counting the wait for a thread. */
  readonly timeoutMs?: number | undefined;
  readonly maxHeapMb?: number | undefined;
  /** Limit of all waiting documents together, in UTF-16 units. */
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
  });
  let waitingChars = 0;

  const parse: Parser['parse'] = async (content, contentType, { signal } = {}) => {
    if (waitingChars > 0 && waitingChars + content.length > maxWaitingChars) {
      throw new ParseError('OVERLOADED', { retryAfterMs: 2_000 });
    }
    waitingChars += content.length;
    try {
      const work = { content, contentType };
      return withTexts(await threads.run('parse', work, { signal, onAbort: 'kill', timeoutMs }));
    } catch (cause) {
      signal?.throwIfAborted();
      const isLate = cause instanceof ThreadError && cause.code === 'TASK_TIMED_OUT';
      const detail = isLate ? 'The document takes too long to parse' : undefined;
      throw new ParseError('DOCUMENT_NOT_READABLE', { detail, cause });
    } finally {
      waitingChars -= content.length;
    }
  };
  const close = () => threads.close();
  return { parse, close, [Symbol.asyncDispose]: close };
}

function withTexts({ text, title, chunks }: ParseReply): ParsedDocument {
  return {
    text,
    title,
    chunks: chunks.map((chunk) => ({ ...chunk, text: text.slice(chunk.start, chunk.end) })),
  };
}
