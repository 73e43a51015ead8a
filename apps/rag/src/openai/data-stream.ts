import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toOpenAiError } from './openai-error.ts';

/** Server-sent events of data alone, ended by `[DONE]`, as OpenAI's clients read them. */
export interface DataStream {
  /** Resolves when the client can take more, or is gone. */
  send(data: object): Promise<void>;
  /** An error object in the stream, after which clients expect nothing more. */
  fail(error: unknown): void;
  done(): void;
}

const HEARTBEAT_MS = 15_000;
/** A client that takes no byte for so long is dropped. */
const STALL_MS = 30_000;

/** Begins the stream; errors before this are ordinary answers. */
export function openDataStream(request: FastifyRequest, reply: FastifyReply): DataStream {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(': alive\n\n');
  }, HEARTBEAT_MS);
  const leave = request.server.openStreams.add({ end, onStop: 'finish' });
  raw.once('close', () => {
    clearInterval(heartbeat);
    leave();
  });

  function end(): void {
    clearInterval(heartbeat);
    if (!raw.writableEnded) raw.end();
  }

  return {
    async send(data) {
      if (raw.destroyed || raw.writableEnded || raw.write(frame(data))) return;
      const closed = new AbortController();
      const stop = () => closed.abort();
      raw.once('close', stop);
      try {
        await once(raw, 'drain', { signal: AbortSignal.any([closed.signal, AbortSignal.timeout(STALL_MS)]) });
      } catch {
        // Closed meanwhile, or the client takes nothing any more.
        raw.destroy();
      } finally {
        raw.off('close', stop);
      }
    },
    fail(error) {
      const known = request.server.explain(error);
      if (known.status >= 500) request.log.warn({ code: known.code, err: known.cause }, 'stream failed');
      if (!raw.writableEnded) raw.write(frame(toOpenAiError(known)));
      end();
    },
    done() {
      if (!raw.writableEnded) raw.write('data: [DONE]\n\n');
      end();
    },
  };
}

function frame(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
