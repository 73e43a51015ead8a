import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** A web site on loopback. */
export interface Site extends AsyncDisposable {
  readonly origin: string;
  /** Paths asked for so far, in order. */
  readonly requests: readonly string[];
}

export type Respond = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Serves by a function. */
export async function serveSite(respond: Respond): Promise<Site> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    void respond(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** Serves pages by their path; anything else is 404. */
export function servePages(pages: Readonly<Record<string, string>>): Promise<Site> {
  return serveSite(({ url = '' }, response) => {
    const body = pages[new URL(url, 'http://site').pathname];
    if (body === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
  });
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.css': 'text/css',
  '.png': 'image/png',
};

/** Serves the files of a folder. */
export function serveFolder(folder: string): Promise<Site> {
  return serveSite(async ({ url = '' }, response) => {
    const path = normalize(decodeURIComponent(new URL(url, 'http://site').pathname));
    const body = await readFile(join(folder, path)).catch(() => undefined);
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    if (body === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    else response.writeHead(200, { 'content-type': type }).end(body);
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await once(server.close(), 'close');
}
