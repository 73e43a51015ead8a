import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMadeUpText, type MadeUpText } from '../support/made-up-text.ts';

// A process of its own: `node site.ts PAGES`. Sends its origin to the parent; ends with it.
const pages = makePages(Number(process.argv[2]));
const server = createServer((request, response) => {
  const page = pages.get(request.url ?? '');
  if (page === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
  else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
});
server.listen(0, '127.0.0.1', () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.on('disconnect', () => process.exit());

/** A documentation site, the same at every run: each page leads to the next ten, so that all are reached. */
function makePages(count: number): ReadonlyMap<string, string> {
  const text = createMadeUpText(7);
  const pathOf = (index: number) => (index === 0 ? '/' : `/page-${index % count}.html`);
  return new Map(
    Array.from({ length: count }, (_, index) => {
      const next = Array.from({ length: 10 }, (_, step) => index * 10 + step + 1).filter((to) => to < count);
      const links = [...next, (index + 1) % count, Math.floor(index / 10)];
      return [pathOf(index), makePage(text, index, links.map(pathOf))];
    }),
  );
}

function makePage(text: MadeUpText, index: number, links: readonly string[]): string {
  const menu = links.map((to) => `<li><a href="${to}">${text.words(2)}</a></li>`).join('');
  const sections = Array.from({ length: 5 }, () => {
    const items = Array.from({ length: 4 }, () => `<li>${text.sentence()}</li>`).join('');
    return `<h2>${text.words(3)}</h2><p>${text.paragraph(4)}</p><ul>${items}</ul><pre><code>${text.words(12)}</code></pre><p>${text.paragraph(3)}</p>`;
  }).join('\n');
  const title = `${text.words(3)} ${index}`;
  return `<!doctype html><html lang="en"><head><title>${title}</title></head><body>
<header><nav><ul>${menu}</ul></nav></header>
<main><article><h1>${title}</h1>${sections}</article></main>
<footer><p>Made for measuring.</p></footer></body></html>`;
}
