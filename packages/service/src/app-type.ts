import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import type { OpenStream } from './closing.ts';
import type { ServiceError } from './service-error.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The registry behind `/metrics`; register your own metrics in it. */
    metrics: Registry;
    openStreams: Set<OpenStream>;
    /** On: a stop was asked for, and balancers are to send no more. */
    draining: { isOn: boolean };
    /** Finds the place of any thrown value in the table of codes. */
    explain(error: unknown): ServiceError;
  }
}

/** A Fastify instance whose route schemas are zod schemas. */
export type App = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
