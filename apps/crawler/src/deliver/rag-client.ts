import { IngestResult } from '@xnai/contracts';
import { deadlineHeaders, deadlineIn, type Pipeline } from '@xnai/resilience';
import { z } from 'zod';
import { type HttpAnswer, openHttpCaller } from './http-caller.ts';
import type { OutboxEntry } from './outbox.ts';

/** rag will not take this document, now or later. */
export class RagRejected extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status: number) {
    super(`rag rejected the document: ${code}`);
    this.name = 'RagRejected';
    this.code = code;
    this.status = status;
  }
}

/** rag cannot take documents at the moment. */
export class RagUnavailable extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, retryAfterMs: number | undefined) {
    super(`rag answered with status ${status}`);
    this.name = 'RagUnavailable';
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface RagClient extends AsyncDisposable {
  /** @throws RagRejected; RagUnavailable, BreakerOpenError, DeadlineError or a system error, all of which may pass */
  put(entry: OutboxEntry, signal: AbortSignal): Promise<'indexed' | 'unchanged'>;
  /** Whether rag's process answers. */
  ping(signal: AbortSignal): Promise<boolean>;
}

export interface RagClientDeps {
  readonly url: string;
  readonly key: string | undefined;
  readonly ingest: Pipeline;
  readonly health: Pipeline;
  readonly connections: number;
  /** For one try to bring a document, told to rag too. */
  readonly putMs: number;
}

const Answer = IngestResult.pick({ status: true });
const Refusal = z.object({ code: z.string().max(100) });
/** Statuses below 500 after which the same request may succeed. */
const PASSING = new Set([408, 425, 429]);

export function createRagClient(deps: RagClientDeps): RagClient {
  const { url, key, ingest, health, connections, putMs } = deps;
  const http = openHttpCaller(url, connections);
  const base = url.replace(/\/+$/, '');
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };

  return {
    put: ({ collection, documentId, body }, signal) =>
      ingest.execute(
        async (context) => {
          const target = `${base}/v1/collections/${collection}/documents/${encodeURIComponent(documentId)}`;
          const answer = await http.call(target, {
            method: 'PUT',
            headers: { ...headers, ...deadlineHeaders(deadlineIn(putMs)) },
            body,
            signal: context.signal,
          });
          if (answer.status < 300) return Answer.parse(parseJson(answer.text)).status;
          throw failureOf(answer);
        },
        { signal },
      ),
    ping: (signal) =>
      health.execute(
        async (context) => {
          const { status } = await http.call(`${base}/livez`, { method: 'GET', signal: context.signal });
          return status === 200;
        },
        { signal },
      ),
    [Symbol.asyncDispose]: async () => http[Symbol.dispose](),
  };
}

function failureOf({ status, headers, text }: HttpAnswer): Error {
  if (status >= 500 || PASSING.has(status)) {
    const retryAfterS = Number(headers['retry-after']);
    return new RagUnavailable(status, retryAfterS > 0 ? retryAfterS * 1000 : undefined);
  }
  const refusal = Refusal.safeParse(parseJson(text));
  return new RagRejected(refusal.success ? refusal.data.code : `HTTP_${status}`, status);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
