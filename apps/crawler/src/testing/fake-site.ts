import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Page =
  | string
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer }
  | ((request: IncomingMessage, response: ServerResponse) => void);

/** A site on loopback: paths to pages. What is not there is a 404. */
export interface FakeSite extends AsyncDisposable {
  readonly origin: string;
  readonly pages: Record<string, Page>;
  /** Paths in the order in which they were asked for. */
  readonly hits: string[];
  /** When each was asked for. */
  readonly hitTimes: number[];
}

export async function startFakeSite(pages: Record<string, Page> = {}): Promise<FakeSite> {
  const hits: string[] = [];
  const hitTimes: number[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    hits.push(path);
    hitTimes.push(Date.now());
    answer(pages[path], request, response);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    pages,
    hits,
    hitTimes,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(page: Page | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (typeof page === 'function') {
    page(request, response);
    return;
  }
  const {
    status = 200,
    headers = {},
    body = '',
  } = page === undefined
    ? { status: 404, body: 'not found' }
    : typeof page === 'string'
      ? { body: page }
      : page;
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
  response.end(body);
}

/** An article long enough for every extractor, with links. */
export function article(title: string, links: readonly string[] = [], text = `All about ${title}.`): string {
  const list = links.map((link) => `<li><a href="${link}">${link}</a></li>`).join('');
  const filler = `${text} It is described here in some detail, so that a reader can find it again. `;
  return `<!doctype html><html lang="en"><head><title>${title}</title></head><body><main><h1>${title}</h1>
<p>${filler.repeat(4)}</p><h2>More about ${title}</h2><p>${filler.repeat(2)}</p><ul>${list}</ul></main></body></html>`;
}
