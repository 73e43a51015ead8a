import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** A web site on loopback: real HTTP, and a record of what was asked. */
export interface TestSite extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  /** Answers by path; may be changed while the site is up. */
  readonly pages: Record<string, Page>;
  /** All requests so far, in the order of their arrival. */
  readonly requests: SiteRequest[];
  /** The paths of `requests`. */
  readonly paths: readonly string[];
  /** `requests` as `GET /path`. */
  readonly lines: readonly string[];
  /** TCP connections that arrived, whether or not a request came over them. */
  connections(): number;
}

export interface SiteRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly atMs: number;
}

/** A text or bytes are sent as HTML with status 200. */
export type Page = string | Buffer | PageResponse | Handler;
export interface PageResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface TestSiteOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
}

/** @param pages answers by path, with or without the query; any other path is 404. Or one handler for every path. */
export async function startSite(
  pages: Record<string, Page> | Handler = {},
  { host = '127.0.0.1', port: wantedPort = 0 }: TestSiteOptions = {},
): Promise<TestSite> {
  const requests: SiteRequest[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const { method = '', url: path = '/', headers } = request;
    requests.push({ method, path, headers, atMs: Date.now() });
    const page = typeof pages === 'function' ? pages : (pages[path] ?? pages[path.replace(/\?.*$/, '')]);
    answer(page, request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(wantedPort, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    pages: typeof pages === 'function' ? {} : pages,
    requests,
    get paths() {
      return requests.map(({ path }) => path);
    },
    get lines() {
      return requests.map(({ method, path }) => `${method} ${path}`);
    },
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(page: Page | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (typeof page === 'function') {
    void page(request, response);
    return;
  }
  const { status = 200, headers = {}, body = '' } = toResponse(page);
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
  response.end(body);
}

function toResponse(page: Exclude<Page, Handler> | undefined): PageResponse {
  if (page === undefined) return { status: 404, body: 'not found' };
  return typeof page === 'string' || Buffer.isBuffer(page) ? { body: page } : page;
}

/** Exactly this response, without a content type unless it is given. */
export function respond(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer = '',
): Handler {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
}

/** A redirect whose location is sent as raw UTF-8, as careless servers do. */
export function redirectTo(location: string, status = 302): Handler {
  return (_request, response) => {
    response.writeHead(status, { location: Buffer.from(location).toString('latin1') }).end();
  };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.css': 'text/css',
  '.png': 'image/png',
};

/** Serves the files of a folder. */
export function serveFolder(folder: string): Handler {
  return async ({ url = '' }, response) => {
    const path = normalize(decodeURIComponent(new URL(url, 'http://site').pathname));
    const body = await readFile(join(folder, path)).catch(() => undefined);
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    if (body === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    else response.writeHead(200, { 'content-type': type }).end(body);
  };
}

/** A page with a text that is long enough for every extractor, and with links. */
export function article(title: string, links: readonly string[] = [], text = `All about ${title}.`): string {
  const list = links.map((link) => `<li><a href="${link}">${link}</a></li>`).join('');
  const filler = `${text} It is described here in some detail, so that a reader can find it again. `;
  return `<!doctype html><html lang="en"><head><title>${title}</title></head><body><main><h1>${title}</h1>
<p>${filler.repeat(4)}</p><h2>More about ${title}</h2><p>${filler.repeat(2)}</p><ul>${list}</ul></main></body></html>`;
}
