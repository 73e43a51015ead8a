import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { KeyInfo } from './api-keys.ts';
import type { KeyRing } from './key-ring.ts';
import type { Scope } from './scopes.ts';
import { ServiceError } from './service-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a caller's key must have. Every route has one, except the few that are open. */
    scope?: Scope;
  }
  interface FastifyRequest {
    /** The key that the request came with; undefined on open routes. */
    caller: KeyInfo | undefined;
  }
}

const OPEN_ROUTES = /^(\/livez|\/readyz|\/openapi\.json|\/docs(\/.*)?)$/;

/** Checks the API key of every request. A route without a scope cannot be registered. */
export function addAuth(app: FastifyInstance, keys: KeyRing): void {
  app.decorateRequest('caller', undefined);
  app.addHook('onRoute', requireScope);
  app.addHook('onRequest', async (request) => {
    const scope = request.routeOptions.config?.scope;
    if (scope === undefined) return;
    request.caller = authenticate(request, keys);
    if (!request.caller.scopes.includes(scope)) {
      throw new ServiceError('FORBIDDEN', { detail: `The API key does not have the scope ${scope}` });
    }
  });
}

function requireScope(route: RouteOptions): void {
  if (route.config?.scope === undefined && !OPEN_ROUTES.test(route.url)) {
    throw new Error(`${String(route.method)} ${route.url} has no scope: set config.scope`);
  }
}

function authenticate(request: FastifyRequest, keys: KeyRing): KeyInfo {
  const key = keyOf(request);
  if (key === undefined) {
    throw new ServiceError('UNAUTHORIZED', { detail: 'Send an API key: Authorization: Bearer <key>' });
  }
  const caller = keys.verify(key);
  if (caller === undefined) throw new ServiceError('UNAUTHORIZED', { detail: 'The API key is not valid' });
  return caller;
}

function keyOf(request: FastifyRequest): string | undefined {
  const { authorization, 'x-api-key': header } = request.headers;
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return bearer ?? (typeof header === 'string' ? header.trim() : undefined);
}
