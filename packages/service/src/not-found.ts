import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { nearestName } from './nearest-name.ts';
import { ServiceError } from './service-error.ts';

interface KnownRoute {
  readonly url: string;
  readonly methods: readonly string[];
  readonly pattern: RegExp;
}

/**
 * 404 for a path that no route has, with what there is instead; 405 with `Allow` for one that takes other methods. The
 * body is not read: what is wrong with it does not matter.
 */
export function addNotFound(app: FastifyInstance): void {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ url, methods: [method].flat(), pattern: patternOf(url) });
  });
  const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
    if (request.is404) throw missing(routes, request, reply);
  };
  app.addHook('onRequest', refuse);
  app.setNotFoundHandler(refuse);
}

function missing(routes: readonly KnownRoute[], { url, method }: FastifyRequest, reply: FastifyReply) {
  const path = url.split('?', 1)[0] ?? '';
  const allowed = new Set(
    routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods),
  );
  // A route for files takes the method, and has no such file.
  if (allowed.size === 0 || allowed.has(method)) {
    return new ServiceError('NOT_FOUND', { detail: `There is no ${path}; ${instead(routes, method, path)}` });
  }
  const methods = [...allowed].join(', ');
  reply.header('allow', methods);
  return new ServiceError('METHOD_NOT_ALLOWED', { detail: `${path} takes ${methods}, not ${method}` });
}

function instead(routes: readonly KnownRoute[], method: string, path: string): string {
  const plain = routes.filter(({ url }) => /^\/[^:*]+$/.test(url));
  const near = nearestName(unversioned(path), [...new Set(plain.map(({ url }) => unversioned(url)))]);
  const meant = plain.find(({ url }) => unversioned(url) === near);
  if (meant !== undefined) return `did you mean ${meant.url}?`;
  const beside = plain.filter(({ url, methods }) => url.startsWith('/v1/') && methods.includes(method));
  const list = beside.map(({ url }) => url).join(', ');
  return path.startsWith('/v1/') && list !== '' ? `${method} goes to ${list}` : 'all routes stand at /docs';
}

/** What tells routes apart: with it, all short names would be like each other. */
const unversioned = (url: string) => url.replace(/^\/v1\//, '/');

// Route templates have `:name` for one segment and `*` for the rest.
function patternOf(template: string): RegExp {
  const source = template
    .split('/')
    .map((segment) =>
      segment.startsWith(':')
        ? '[^/]+'
        : segment === '*'
          ? '.*'
          : segment.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${source.join('/')}$`);
}
