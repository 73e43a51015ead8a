import { once } from 'node:events';
import { startTimeLimit } from '@xnai/resilience';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { logOwnFault } from './error-handler.ts';
import { toProblem } from './problem.ts';
import { ServiceError } from './service-error.ts';

export interface EventStreamOptions {
  /** Default: `at-once`. With `first-event`, an error before the first event is an ordinary error response. */
  readonly begin?: 'at-once' | 'first-event';
  /** When the service stops: `end` (for streams without an end) or `finish` within the time of the stop. */
  readonly onStop?: 'end' | 'finish';
  /** Default: 15 s. */
  readonly heartbeatMs?: number;
  /** A client that takes no byte for this time is dropped. Default: 30 s. */
  readonly stallMs?: number;
}

/** Server-sent events. Sending waits for a slow client; after the end of the stream it does nothing. */
export interface EventStream {
  /** `Last-Event-ID` of a client that comes back. */
  readonly lastEventId: string | undefined;
  /** Aborted when the client is gone, the deadline has passed or the stream was ended. */
  readonly signal: AbortSignal;
  /** `data` goes out as one line of JSON. Resolves when the client can take more. */
  send(event: string, data: unknown, id?: string): Promise<void>;
}

/** Answers with the events that `write` sends. An error of `write` becomes the last event, `error`, with a problem. */
export async function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  write: (events: EventStream) => Promise<void>,
  options: EventStreamOptions = {},
): Promise<void> {
  const formatError = (error: ServiceError) => formatEvent('error', toProblem(error, request.id));
  const response = new StreamedResponse(request, reply, { ...options, formatError });
  if (options.begin !== 'first-event') response.begin();
  const events: EventStream = {
    lastEventId: headerText(request.headers['last-event-id']),
    signal: response.signal,
    send: (event, data, id) => response.write(formatEvent(event, data, id)),
  };
  await response.run(() => write(events));
}

/**
 * Answers as OpenAI does: events without names, ended by `[DONE]`. An error of `write` before the first event is an
 * ordinary error response; a later one becomes the last event, without `[DONE]`.
 */
export async function streamData(
  request: FastifyRequest,
  reply: FastifyReply,
  write: (send: (data: object) => Promise<void>) => Promise<void>,
  toErrorData: (error: ServiceError) => object,
): Promise<void> {
  const formatError = (error: ServiceError) => formatData(toErrorData(error));
  const response = new StreamedResponse(request, reply, { onStop: 'finish', formatError });
  await response.run(() => write((data) => response.write(formatData(data))), 'data: [DONE]\n\n');
}

interface ResponseOptions extends EventStreamOptions {
  readonly formatError: (error: ServiceError) => string;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // A proxy such as nginx would hold events back.
  'x-accel-buffering': 'no',
};

/** A response that is written piece by piece; it begins with the first piece at the latest. */
class StreamedResponse {
  /** Aborted when the client is gone, the deadline has passed or the response has ended. */
  readonly signal: AbortSignal;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #options: ResponseOptions;
  readonly #ended = new AbortController();
  readonly #cleanup = new DisposableStack();
  #isBegun = false;

  constructor(request: FastifyRequest, reply: FastifyReply, options: ResponseOptions) {
    this.#request = request;
    this.#reply = reply;
    this.#options = options;
    this.signal = AbortSignal.any([request.signal, this.#ended.signal]);
    reply.raw.once('close', () => this.#stop());
  }

  /** Takes over the reply and sends the headers. */
  begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    const { raw, sent: isAnswered } = this.#reply;
    if (!isAnswered) this.#reply.hijack();
    if (isAnswered || raw.destroyed) {
      this.#stop();
      return;
    }
    raw.writeHead(200, { ...(this.#reply.getHeaders() as Record<string, string>), ...HEADERS });
    raw.flushHeaders();
    const { heartbeatMs = 15_000, onStop = 'end' } = this.#options;
    const beat = () => !raw.writableNeedDrain && raw.write(': alive\n\n');
    this.#cleanup.adopt(setInterval(beat, heartbeatMs), clearInterval);
    const { openStreams } = this.#request.server;
    const stream = { end: () => this.#endByStop(), onStop };
    openStreams.add(stream);
    this.#cleanup.defer(() => openStreams.delete(stream));
  }

  /** Resolves when the client can take more, or is gone. */
  async write(text: string): Promise<void> {
    this.begin();
    const { raw } = this.#reply;
    if (raw.destroyed) this.#stop();
    if (this.#ended.signal.aborted || raw.write(text)) return;
    using limit = startTimeLimit({ timeoutMs: this.#options.stallMs ?? 30_000, signal: this.#ended.signal });
    try {
      await once(raw, 'drain', { signal: limit.signal });
    } catch {
      // The client has closed the connection, or takes no more bytes. The signal is aborted before the connection is
      // closed, because a writer that loops on it must not wait for that.
      this.#stop();
      if (!raw.writableEnded) raw.destroy();
    }
  }

  /** @param last is written at the end of a stream without an error */
  async run(work: () => Promise<void>, last?: string): Promise<void> {
    try {
      await work();
      this.begin();
      if (last !== undefined) await this.write(last);
    } catch (error) {
      if (!this.#isBegun) throw error;
      const { raw } = this.#reply;
      if (raw.destroyed || raw.writableEnded) return;
      const known = this.#request.server.explain(error);
      logOwnFault(known, this.#request, this.#reply);
      await this.write(this.#options.formatError(known));
    } finally {
      if (this.#isBegun) this.#end();
    }
  }

  #endByStop(): void {
    const { raw } = this.#reply;
    if (!raw.destroyed && !raw.writableEnded)
      raw.write(this.#options.formatError(new ServiceError('SHUTTING_DOWN')));
    this.#end();
  }

  #stop(): void {
    this.#cleanup.dispose();
    this.#ended.abort();
  }

  #end(): void {
    this.#stop();
    if (!this.#reply.raw.writableEnded) this.#reply.raw.end();
  }
}

// The HTML standard, section 9.2: a line break would end a field, so ids and names have none.
function formatEvent(event: string, data: unknown, id?: string): string {
  const idLine = id === undefined ? '' : `id: ${singleLine(id)}\n`;
  return `${idLine}event: ${singleLine(event)}\n${formatData(data)}`;
}

function formatData(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function singleLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}

function headerText(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' && header !== '' ? header : undefined;
}
