import type { Transport, TransportResponse } from '@xnai/contracts/client';
import { openNodeTransport } from '@xnai/contracts/node-transport';
import { startTimeLimit } from '@xnai/resilience';
import { traceTransport } from '@xnai/service/trace';
import { createParser } from 'eventsource-parser';
import type { z } from 'zod';
import type { RemoteLimits } from './remote-limits.ts';
import { brokenBy, refusalOf, ServerFault } from './server-fault.ts';

export interface ServerClientOptions {
  readonly base: string;
  readonly key: string | undefined;
  readonly limits: RemoteLimits;
  /** Default: Node's own client. */
  readonly transport?: Transport;
}

export interface Ask<Schema extends z.ZodType> {
  /** GET when undefined. */
  readonly body?: object;
  readonly schema: Schema;
  readonly signal: AbortSignal;
  /** Default, and the most: that of the limits. */
  readonly timeoutMs?: number;
}

/**
 * The only way to a model server. It reaches the one origin that the configuration names, follows no redirect, reads no
 * more than its limits, and believes nothing that does not have the expected form.
 */
export interface ServerClient extends Disposable {
  /** @param path below the base URL; above it, when it begins with `//` */
  ask<Schema extends z.ZodType>(path: string, ask: Ask<Schema>): Promise<z.infer<Schema>>;
  /** The events of a stream up to its `[DONE]`. */
  stream<Schema extends z.ZodType>(
    path: string,
    ask: Required<Omit<Ask<Schema>, 'timeoutMs'>> & {
      /** Whether an event shows that the model writes. */
      readonly isWord: (event: z.infer<Schema>) => boolean;
    },
  ): AsyncGenerator<z.infer<Schema>, void, void>;
}

const CONNECTIONS = 64;

export function createServerClient({ base, key, limits, ...given }: ServerClientOptions): ServerClient {
  const own = given.transport === undefined ? openNodeTransport(base, CONNECTIONS) : undefined;
  const transport = traceTransport(given.transport ?? (own as Transport));
  const send = async (path: string, body: object | undefined, signal: AbortSignal) => {
    const url = path.startsWith('//') ? base.replace(/\/v1$/, '') + path.slice(1) : base + path;
    const response = await transport(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    if (response.status >= 200 && response.status < 300) return response;
    const said = await readText(response, ERROR_BYTES).catch(() => '');
    // It is logged, and some servers repeat the key that they do not take.
    throw refusalOf(response, key === undefined ? said : said.replaceAll(key, '[redacted]'));
  };
  return {
    async ask(path, { body, schema, signal, timeoutMs: wanted = Infinity }) {
      const timeoutMs = Math.min(wanted, limits.answerMs);
      using limit = startTimeLimit({ timeoutMs, signal, reason: () => late(timeoutMs) });
      try {
        const response = await send(path, body, limit.signal);
        const answer = await readText(response, limits.maxAnswerBytes);
        return parseAs(schema, answer, response);
      } catch (error) {
        limit.signal.throwIfAborted();
        throw brokenBy(error);
      }
    },
    async *stream(path, { body, schema, signal, isWord }) {
      using watch = watchStream(signal, limits);
      try {
        const response = await send(path, body, watch.signal);
        if (!mediaTypeOf(response).startsWith('text/event-stream'))
          throw new ServerFault('failed', `answered ${mediaTypeOf(response)} instead of a stream of events`);
        for await (const data of readEvents(response, limits.maxEventBytes)) {
          if (data === '[DONE]') return;
          const event = parseAs(schema, data, response);
          if (isWord(event)) watch.heard();
          yield event;
        }
      } catch (error) {
        watch.signal.throwIfAborted();
        throw brokenBy(error);
      }
    },
    [Symbol.dispose]: () => own?.[Symbol.dispose](),
  };
}

/** Enough for a sentence that says why. */
const ERROR_BYTES = 16 * 1024;

function late(ms: number): ServerFault {
  return new ServerFault('failed', `did not answer within ${ms / 1000} s`);
}

async function readText(response: TransportResponse, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new ServerFault('failed', `answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseAs<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  response: TransportResponse,
): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const type = mediaTypeOf(response);
    const what =
      type === 'application/json' ? 'JSON that is cut off or malformed' : `${type} that is not JSON`;
    throw new ServerFault('failed', `answered ${what}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  // Its words name types, and nothing that the server sent.
  const why = issue?.message.replace(/^Invalid input: /, '') ?? '';
  throw new ServerFault(
    'failed',
    `answered JSON of another form${path === '' ? '' : ` (at ${path}): ${why}`}`,
  );
}

function mediaTypeOf({ headers }: TransportResponse): string {
  const type = headers.get('content-type')?.split(';')[0]?.trim() ?? '';
  return /^[\w.+/-]{1,60}$/.test(type) ? type : 'something without a media type';
}

/** The data of each event. */
async function* readEvents(response: TransportResponse, maxBytes: number): AsyncGenerator<string> {
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void events.push(data) });
  const decoder = new TextDecoder();
  let waiting = 0;
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    waiting = events.length > 0 ? 0 : waiting + chunk.length;
    if (waiting > maxBytes) throw new ServerFault('failed', `sent an event of more than ${maxBytes} bytes`);
    yield* events.splice(0);
  }
}

/** A signal that aborts when the caller does, when no word came for too long, or when the stream does not end. */
function watchStream(signal: AbortSignal, { firstWordMs, silenceMs, streamMs }: RemoteLimits) {
  const silent = new AbortController();
  const listen = (ms: number) =>
    setTimeout(() => silent.abort(new ServerFault('failed', `sent no word for ${ms / 1000} s`)), ms);
  const endless = () => new ServerFault('failed', `did not end its answer within ${streamMs / 1000} s`);
  const limit = startTimeLimit({ timeoutMs: streamMs, signal, reason: endless });
  let timer = listen(firstWordMs);
  return {
    signal: AbortSignal.any([limit.signal, silent.signal]),
    heard() {
      clearTimeout(timer);
      timer = listen(silenceMs);
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      limit[Symbol.dispose]();
    },
  };
}
