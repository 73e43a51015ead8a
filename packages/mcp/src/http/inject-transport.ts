import type { Transport } from '@xnai/contracts/client';
import type { App } from '@xnai/service';
import type { FastifyRequest } from 'fastify';

/** Who calls, and until when: what a call from inside takes over. */
const PASSED_ON = ['authorization', 'x-api-key', 'x-request-timeout-ms'] as const;

/** Calls routes of `app` without a connection, as the caller of `request` and under its id. */
export function injectTransport(app: App, request: FastifyRequest): Transport {
  const caller = Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  return async (url, { method, headers, body, signal }) => {
    // Without a session, nobody could fetch the result of a caller who is gone.
    const ends = signal === null ? request.signal : AbortSignal.any([request.signal, signal]);
    // `inject` begins when it is awaited, which has to be inside.
    const response = await app.outerSignal.run(
      ends,
      async () =>
        await app.inject({
          method: method as 'GET' | 'POST',
          url,
          headers: { ...caller, ...headers, 'x-request-id': request.id },
          remoteAddress: request.ip,
          ...(body !== null && { payload: body }),
        }),
    );
    return {
      status: response.statusCode,
      headers: { get: (name) => response.headers[name]?.toString() ?? null },
      body: null,
      text: async () => response.body,
    };
  };
}
