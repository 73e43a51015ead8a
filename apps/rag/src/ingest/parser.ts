import { fileURLToPath } from 'node:url';
import type { ContentType } from '@xnai/contracts';
import { ParseError } from '@xnai/text';
import type { ParsedDocument } from '@xnai/text/parse-document';
import { Piscina } from 'piscina';
import type { ParseReply, ParseRequest } from './parser-thread.ts';

/** Parses and chunks documents off the event loop. */
export interface Parser extends AsyncDisposable {
  /** Throws DOCUMENT_NOT_READABLE when it takes too long, too much memory or fails, and OVERLOADED. */
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

const ENTRY = fileURLToPath(new URL('./parser-thread.ts', import.meta.url));

export function createParser(options: ParserOptions = {}): Parser {
  const { threads = 1, timeoutMs = 60_000, maxHeapMb = 768, maxWaitingChars = 64 * 1024 * 1024 } = options;
  const pool = new Piscina({
    filename: ENTRY,
    name: 'parse',
    minThreads: 0,
    maxThreads: threads,
    // The threads hold most of this process's memory; when nothing comes they give it back.
    idleTimeout: 10_000,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 16 },
  });
  const turns = createTurns(threads);
  let waitingChars = 0;

  const parse: Parser['parse'] = async (content, contentType, { signal } = {}) => {
    if (waitingChars > 0 && waitingChars + content.length > maxWaitingChars) {
      throw new ParseError('OVERLOADED', { retryAfterMs: 2_000 });
    }
    waitingChars += content.length;
    try {
      return await turns(() => runTimed(pool, { content, contentType }, timeoutMs, signal));
    } finally {
      waitingChars -= content.length;
    }
  };
  const close = () => pool.close({ force: true });
  return { parse, close, [Symbol.asyncDispose]: close };
}

/** Runs at most `size` jobs side by side, in the order they came: the time limit must not run while one waits. */
function createTurns(size: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= size) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

async function runTimed(
  pool: Piscina,
  request: ParseRequest,
  timeoutMs: number,
  caller: AbortSignal | undefined,
): Promise<ParsedDocument> {
  caller?.throwIfAborted();
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = caller === undefined ? limit : AbortSignal.any([caller, limit]);
  try {
    const reply: ParseReply = await pool.run(request, { name: 'parse', signal });
    return withTexts(reply);
  } catch (cause) {
    if (caller?.aborted) throw caller.reason;
    const detail = limit.aborted ? 'The document takes too long to parse' : undefined;
    throw new ParseError('DOCUMENT_NOT_READABLE', { detail, cause });
  }
}

function withTexts({ text, title, chunks }: ParseReply): ParsedDocument {
  return {
    text,
    title,
    chunks: chunks.map((chunk) => ({ ...chunk, text: text.slice(chunk.start, chunk.end) })),
  };
}
