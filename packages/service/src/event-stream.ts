import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from './problem.ts';

export interface EventStreamOptions {
  /** Default 15 s. */
  readonly heartbeatMs?: number;
  /** A client that takes no byte for so long is dropped. Default 30 s. */
  readonly stallMs?: number;
  /** When the service stops: `end` (for streams without an end) or `finish` within the stop's deadline. */
  readonly onStop?: 'end' | 'finish';
}

/** Server-sent events. Writes wait for a slow client; after its end, they do nothing. */
export interface EventStream {
  /** `Last-Event-ID` of a client that comes back. */
  readonly lastEventId: string | undefined;
  /** Aborted when the client is gone, the deadline has passed or the stream was ended. */
  readonly signal: AbortSignal;
  /** `data` goes out as one line of JSON. Resolves when the client can take more. */
  send(event: string, data: unknown, id?: string): Promise<void>;
  /** The `error` event: a problem, as an error answer would have it. Ends the stream. */
  fail(error: unknown): Promise<void>;
  end(): void;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Proxies of the nginx kind would hold events back.
  'x-accel-buffering': 'no',
};

/** Takes over the reply and begins the stream; errors before this are ordinary answers. */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  options: EventStreamOptions = {},
): EventStream {
  const { heartbeatMs = 15_000, stallMs = 30_000, onStop = 'end' } = options;
  const { raw } = reply;
  const ended = new AbortController();
  reply.hijack();
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...HEADERS });
  raw.flushHeaders();

  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(': alive\n\n');
  }, heartbeatMs);
  const leave = request.server.openStreams.add({ end, onStop });
  raw.once('close', stop);

  function stop(): void {
    clearInterval(heartbeat);
    leave();
    ended.abort();
  }

  function end(): void {
    if (raw.writableEnded) return;
    stop();
    raw.end();
  }

  function drop(): void {
    // The signal first: a writer that loops on it must not have to wait for the connection's close.
    stop();
    raw.destroy();
  }

  async function write(text: string): Promise<void> {
    if (raw.destroyed) stop();
    if (ended.signal.aborted || raw.write(text)) return;
    try {
      await once(raw, 'drain', { signal: AbortSignal.any([ended.signal, AbortSignal.timeout(stallMs)]) });
    } catch {
      // Closed meanwhile, or the client takes nothing any more.
      if (!ended.signal.aborted) drop();
    }
  }

  return {
    lastEventId: headerText(request.headers['last-event-id']),
    signal: AbortSignal.any([request.signal, ended.signal]),
    send: (event, data, id) => write(formatEvent(event, data, id)),
    async fail(error) {
      if (raw.destroyed || raw.writableEnded) return;
      const known = request.server.explain(error);
      if (known.code === 'INTERNAL') request.log.error({ err: known.cause ?? known }, 'event stream failed');
      await write(formatEvent('error', toProblem(known, request.id)));
      end();
    },
    end,
  };
}

/** A whole stream: what `write` throws becomes its `error` event, and in any case it ends. */
export async function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  write: (events: EventStream) => Promise<void>,
  options?: EventStreamOptions,
): Promise<void> {
  const events = openEventStream(request, reply, options);
  try {
    await write(events);
  } catch (error) {
    await events.fail(error);
  } finally {
    events.end();
  }
}

// The HTML standard, section 9.2: a line break would end a field, so ids and names have none.
function formatEvent(event: string, data: unknown, id?: string): string {
  const idLine = id === undefined ? '' : `id: ${singleLine(id)}\n`;
  return `${idLine}event: ${singleLine(event)}\ndata: ${JSON.stringify(data)}\n\n`;
}

function singleLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}

function headerText(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' && header !== '' ? header : undefined;
}
