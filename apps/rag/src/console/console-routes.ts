import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from '@xnai/service';
import type { FastifyInstance } from 'fastify';
import { PAGE } from './find-console.ts';

/** Nothing but the files of this service: no inline script or style, no other origin, no frame around the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** On every answer of these routes, also on that a file is not there. */
const GUARD = {
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** The console at `/`, from the files of its build; without them, `/` says so. */
export async function consoleRoutes(app: App, folder: string | undefined): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers(GUARD);
    });
    if (folder !== undefined) await serveFiles(scope, join(folder, 'assets'));
    scope.get('/', { schema: { hide: true } }, (_request, reply) => {
      // The page names the files of one build; its ETag says whether that is still the one.
      reply.header('cache-control', 'no-cache');
      // Not returned: the framework would listen for the end of the answer once more, which Node warns of.
      if (folder === undefined) reply.type('text/html; charset=utf-8').send(NOT_BUILT);
      else reply.sendFile(PAGE, folder, { immutable: false, cacheControl: false });
    });
  });
}

async function serveFiles(scope: FastifyInstance, root: string): Promise<void> {
  await scope.register(fastifyStatic, {
    root,
    prefix: '/assets/',
    index: false,
    // Their names hold a hash of their content.
    immutable: true,
    maxAge: '1y',
  });
}

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Xoe-NovAi</title></head><body>
<h1>The console has not been built</h1>
<p>Run <code>npm run setup</code> in the folder of the stack, and start it again.</p>
<p>The API works without it: <a href="/docs">read and try it</a>.</p>
</body></html>
`;
