import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { z } from 'zod';
import * as schema from '../index.ts';
import { ClientError, toClientError } from './client-error.ts';
import type { Transport, TransportResponse } from './transport.ts';

/** Where a service is and who asks. */
export interface ClientOptions {
  readonly baseUrl: string;
  /** API key; `/livez` and `/readyz` need none. */
  readonly key?: string | undefined;
  /** Default: `fetch`. */
  readonly transport?: Transport;
}

/** What every method takes last. */
export interface CallOptions {
  /** Ends the call here: it rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** The service ends the call then with 504. It is told the remaining time when that is an hour or less. */
  readonly deadline?: { remainingMs(): number } | undefined;
  /** Takes no answer that was kept from an equal question. */
  readonly isFresh?: boolean | undefined;
}

interface Call {
  /** An object, or JSON that is already serialised. */
  readonly body?: object | string;
  readonly page?: Partial<schema.PageQuery> | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly options?: CallOptions | undefined;
  /** A status besides 2xx whose answer fits the schema. */
  readonly okStatus?: number;
}

type Schemas = Readonly<Record<string, z.ZodType>>;

/** One event of a stream, by its name. `id` resumes the stream after it. */
export type StreamEvent<S extends Schemas> = {
  [Name in keyof S]: {
    readonly event: Name;
    readonly data: z.infer<S[Name]>;
    readonly id: string | undefined;
  };
}[keyof S];

/** Calls of one service. Each fails with a {@link ClientError}, or with the reason of its signal. */
export function createCalls({ baseUrl, key, transport = fetch }: ClientOptions) {
  const base = baseUrl.replace(/\/+$/, '');

  async function send(route: string, { body, page, headers, options, okStatus }: Call) {
    const [method = '', path = ''] = route.split(' ');
    const query = page === undefined ? '' : `?${new URLSearchParams(given(page))}`;
    const response = await transport(`${base}${path}${query}`, {
      method,
      headers: given({
        authorization: key ? `Bearer ${key}` : undefined,
        'content-type': body === undefined ? undefined : 'application/json',
        ...headersOf(route, options),
        ...headers,
      }),
      body: typeof body === 'object' ? JSON.stringify(body) : (body ?? null),
      signal: options?.signal ?? null,
    });
    const { status } = response;
    if ((status >= 200 && status < 300) || (status === okStatus && !isProblem(response))) return response;
    throw toClientError(route, response, await response.text());
  }

  async function read<S extends z.ZodType>(answer: S, route: string, call: Call): Promise<z.infer<S>> {
    try {
      return parse(answer, route, await (await send(route, call)).text());
    } catch (error) {
      throw toFailure(route, error, call);
    }
  }

  /** As `read`; `created` says whether the answer was 201. */
  async function readCreated<S extends z.ZodType>(answer: S, route: string, call: Call) {
    try {
      const response = await send(route, call);
      return {
        ...(parse(answer, route, await response.text()) as object),
        created: response.status === 201,
      } as z.infer<S> & { readonly created: boolean };
    } catch (error) {
      throw toFailure(route, error, call);
    }
  }

  /** Events of other names are left out. The request is sent when the first event is asked for. */
  async function* events<S extends Schemas>(known: S, route: string, call: Call) {
    try {
      const response = await send(route, call);
      for await (const { event = '', data, id } of readEvents(response.body ?? [])) {
        if (event === 'error') throw toClientError(route, response, data);
        const answer = Object.hasOwn(known, event) ? known[event] : undefined;
        if (answer) yield { event, data: parse(answer, route, data), id } as StreamEvent<S>;
      }
    } catch (error) {
      throw toFailure(route, error, call);
    }
  }

  return { read, readCreated, events };
}

/** Who answers for the service, such as a proxy, does not know its answers. */
function isProblem({ headers }: TransportResponse): boolean {
  return headers.get('content-type')?.startsWith('application/problem+json') === true;
}

/** Method and path of a call; the values in the path are encoded. */
export function route(texts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: texts }, ...values.map(encodeURIComponent));
}

function given(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** Time for the way back. */
const MARGIN_MS = 20;

function headersOf(route: string, options: CallOptions | undefined) {
  return {
    'x-request-timeout-ms': timeoutMs(route, options),
    'cache-control': options?.isFresh === true ? 'no-cache' : undefined,
  };
}

function timeoutMs(route: string, { deadline }: CallOptions = {}): number | undefined {
  const remainingMs = deadline?.remainingMs() ?? Infinity;
  if (remainingMs > schema.MAX_REQUEST_TIMEOUT_MS) return undefined;
  if (remainingMs > 0) return Math.max(1, Math.floor(remainingMs - MARGIN_MS));
  throw new ClientError(route, { code: 'DEADLINE_EXCEEDED', detail: schema.CODES.DEADLINE_EXCEEDED.title });
}

function parse<S extends z.ZodType>(answer: S, route: string, text: string): z.infer<S> {
  try {
    return answer.parse(text === '' ? undefined : JSON.parse(text));
  } catch (cause) {
    throw new ClientError(route, { code: 'UNEXPECTED_ANSWER', detail: text.slice(0, 200), cause });
  }
}

async function* readEvents(body: AsyncIterable<Uint8Array> | readonly Uint8Array[]) {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* events.splice(0);
  }
}

function toFailure(route: string, error: unknown, { options }: Call): unknown {
  if (options?.signal?.aborted) return options.signal.reason;
  if (error instanceof ClientError) return error;
  // `fetch` tells the reason in the cause alone.
  const { message, code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  return new ClientError(route, { code: 'NETWORK_ERROR', detail: message || String(code), cause: error });
}
