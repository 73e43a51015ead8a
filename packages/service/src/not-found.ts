import type { FastifyInstance } from 'fastify';
import { ServiceError } from './service-error.ts';

interface KnownRoute {
  readonly methods: readonly string[];
  readonly pattern: RegExp;
}

/** 404 for a path that no route has, 405 with `Allow` for one that takes other methods. */
export function addNotFound(app: FastifyInstance): void {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ methods: [method].flat(), pattern: patternOf(url) });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = new Set(
      routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods),
    );
    if (allowed.size === 0) throw new ServiceError('NOT_FOUND', { detail: `There is no ${path}` });
    reply.header('allow', [...allowed].join(', '));
    throw new ServiceError('METHOD_NOT_ALLOWED');
  });
}

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
