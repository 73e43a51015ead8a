import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMadeUpText } from '../support/made-up-text.ts';

// A process of its own: `node site.ts`. A single-page app: every path is the same shell, which asks an API for its
// text. Sends its origin to the parent; ends with it.
const text = createMadeUpText(11);
const articles = Array.from({ length: 40 }, () => text.paragraph(12));
const SHELL = `<!doctype html><html><head><title>App</title></head><body><div id="root"></div><img src="/logo.png">
<script src="/app.js"></script></body></html>`;
const APP = `fetch('/api' + location.pathname).then((answer) => answer.json()).then(({ text }) => {
  document.getElementById('root').innerHTML = '<main><h1>' + location.pathname + '</h1><p>' + text + '</p></main>';
});`;

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  if (path === '/app.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(APP);
  else if (path.startsWith('/api/')) {
    const article = articles[path.length % articles.length];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text: article }));
  } else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(SHELL);
});
server.listen(0, '127.0.0.1', () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.on('disconnect', () => process.exit());
