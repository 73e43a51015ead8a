// A small documentation site for a container on the crawler's network.
import { createServer } from 'node:http';

const link = (path, text) => `<a href="${path}">${text}</a>`;
const page = (title, body) => `<!doctype html><html lang="en"><head><title>${title}</title></head>
<body><nav>${link('/', 'Home')} ${link('/limits.html', 'Limits')} ${link('/backup.html', 'Backup')}</nav>
<main><h1>${title}</h1>${body}</main></body></html>`;

const pages = {
  '/': page(
    'The Heron manual',
    '<p>Heron is a small file server for a household. This manual tells how to run it.</p>',
  ),
  '/limits.html': page(
    'Limits',
    '<p>The largest upload that Heron accepts is 37 megabytes. A folder holds at most 4,000 files.</p>',
  ),
  '/backup.html': page(
    'Backup',
    '<p>Backups are written every night at a quarter past three. Each backup is kept for eleven days.</p>',
  ),
};

// Empty without its script; no page links to it.
pages['/app.html'] =
  `<!doctype html><html lang="en"><head><title>Herons</title></head><body><div id="root"></div><script>
document.title = 'Nests';
document.getElementById('root').innerHTML = '<main><h1>Nests</h1><p>A heron builds its nest from ' +
  [17, 24].map((inches) => inches + ' inch').join(' and ') + ' sticks, high in a tree beside the water.</p></main>';
</script></body></html>`;

createServer((request, response) => {
  const body = pages[request.url];
  response
    .writeHead(body ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' })
    .end(body ?? 'not found');
}).listen(8000);
