import { startSite, type TestSite } from '@xnai/testing';

export interface GatedSite extends TestSite {
  /** Lets the site answer all requests. */
  open(): void;
  /** As at the start: only ten are answered, and the others wait. */
  shut(): void;
}

const ANSWERED_BEFORE = 10;

/** A first page that links to all others, of which only ten are answered before `open()`. */
export async function serveGatedSite(pages: number): Promise<GatedSite> {
  let gate = Promise.withResolvers<void>();
  const links = Array.from({ length: pages - 1 }, (_, i) => `<li><a href="/${i}.html">Buoy ${i}</a></li>`);
  let answered = 0;
  const site = await startSite(async ({ url = '/' }, response) => {
    const number = /^\/(\d+)\.html$/.exec(url)?.[1];
    if (url !== '/' && number === undefined) return void response.writeHead(404).end();
    if (++answered > ANSWERED_BEFORE) await gate.promise;
    const body =
      number === undefined
        ? `<h1>Buoys</h1><p>All the buoys of the fairway to Port Ellery are listed on this page.</p><ul>${links.join('')}</ul>`
        : `<h1>Buoy ${number}</h1><p>Buoy number ${number} marks the fairway at mile ${number} and flashes every ${number} seconds.</p>`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>Buoys</title><main>${body}</main>`);
  });
  return Object.assign(site, {
    open: () => gate.resolve(),
    shut() {
      answered = 0;
      gate = Promise.withResolvers();
    },
  });
}
