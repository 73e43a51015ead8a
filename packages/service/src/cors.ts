import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** What a page reads besides the few headers that every page may read. */
const EXPOSED =
  'Age, Allow, ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id';
/** Browsers ask again after this time, so that an origin which was taken from the list is soon refused. */
const PREFLIGHT_S = 600;

/**
 * Lets pages of these origins, which are compared as a whole, read answers. A preflight is answered without a key, as
 * browsers send none with it. Without origins nothing is sent, and browsers keep every other page out.
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return;
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', EXPOSED);
    if (isPreflight(request)) return allow(request, reply);
  });
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

/** Any header may be sent: clients of OpenAI's API have many of their own. */
function allow({ headers }: FastifyRequest, reply: FastifyReply) {
  return reply
    .header('access-control-allow-methods', METHODS)
    .header('access-control-allow-headers', headers['access-control-request-headers'] ?? 'Authorization')
    .header('access-control-max-age', PREFLIGHT_S)
    .code(204)
    .send();
}
