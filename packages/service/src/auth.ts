import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { KeyInfo } from './api-keys.ts';
import type { KeyRing } from './key-ring.ts';
import type { Scope } from './scopes.ts';
import { ServiceError } from './service-error.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a caller's key must have, or one of several. Every route has one, except the few that are open. */
    scope?: Scope | readonly Scope[];
  }
  interface FastifyRequest {
    /** The key that the request came with; undefined on open routes. */
    caller: KeyInfo | undefined;
  }
}

const OPEN_ROUTES = /^(\/|\/assets\/\*|\/livez|\/readyz|\/openapi\.json|\/docs(\/.*)?)$/;

/**
 * Checks the API key of every request. A route without a scope cannot be registered.
 *
 * @param onRefused is awaited before a request without a valid key is answered, and may refuse it in another way
 */
export function addAuth(
  app: FastifyInstance,
  keys: KeyRing,
  onRefused: (request: FastifyRequest) => Promise<void>,
): void {
  app.decorateRequest('caller', undefined);
  app.addHook('onRoute', requireScope);
  app.addHook('onRequest', async (request) => {
    const scope = request.routeOptions.config?.scope;
    if (scope === undefined) return;
    const caller = authenticate(request, keys);
    if (caller instanceof ServiceError) {
      await onRefused(request);
      throw caller;
    }
    request.caller = caller;
    const wanted = [scope].flat();
    if (!wanted.some((one) => caller.scopes.includes(one))) {
      throw new ServiceError('FORBIDDEN', {
        detail: `The API key does not have the scope ${wanted.join(' or ')}`,
      });
    }
  });
}

function requireScope(route: RouteOptions): void {
  if (route.config?.scope === undefined && !OPEN_ROUTES.test(route.url)) {
    throw new Error(`${String(route.method)} ${route.url} has no scope: set config.scope`);
  }
}

function authenticate(request: FastifyRequest, keys: KeyRing): KeyInfo | ServiceError {
  const key = keyOf(request);
  if (key === undefined) {
    return new ServiceError('UNAUTHORIZED', { detail: 'Send an API key: Authorization: Bearer <key>' });
  }
  return keys.verify(key) ?? new ServiceError('UNAUTHORIZED', { detail: 'The API key is not valid' });
}

function keyOf(request: FastifyRequest): string | undefined {
  const { authorization, 'x-api-key': header } = request.headers;
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return bearer ?? (typeof header === 'string' ? header.trim() : undefined);
}
