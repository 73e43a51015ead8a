import { article, respond } from '@xnai/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestStack, type TestStack } from '../testing/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  const { pages } = stack.site;
  const serve = (type: string, body: string | Buffer, more: Record<string, string> = {}) =>
    respond(200, { 'content-type': type, ...more }, Buffer.from(body as string));
  pages['/'] = article('Home', [
    '/guide.md',
    '/news.xml',
    '/manual',
    '/table.csv',
    '/map.xml',
    '/big.pdf',
    '/x.zip',
  ]);
  pages['/guide.md'] = serve('application/octet-stream', '# Guide\n\nOpen the valve.\n\n[next](next.html)\n');
  pages['/next.html'] = article('Next');
  pages['/news.xml'] = serve(
    'application/rss+xml',
    '<rss><channel><title>News</title><item><title>Seal</title><link>/seal</link></item></channel></rss>',
  );
  pages['/seal'] = article('Seal');
  pages['/manual'] = serve('application/octet-stream', '%PDF-1.4', {
    'content-disposition': 'attachment; filename="manual.pdf"',
  });
  pages['/table.csv'] = serve('text/csv', 'a,b\n1,2\n');
  pages['/map.xml'] = serve('application/xml', '<urlset/>');
  pages['/big.pdf'] = serve('application/pdf', Buffer.alloc(11 * 1024 ** 2, '%PDF-1.4 '));
  pages['/x.zip'] = serve('application/zip', 'PK');
  pages['/secret.pdf'] = serve('application/pdf', '%PDF-1.4', { 'x-robots-tag': 'noindex' });
  pages['/only.pdf'] = serve('application/pdf', '%PDF-1.4');
});
afterAll(() => stack?.[Symbol.asyncDispose]());

async function crawl(path: string, options: object = {}) {
  const { crawler, site } = stack;
  const id = await crawler.submit({ url: `${site.origin}${path}`, sitemap: 'skip', ...options });
  const end = await crawler.finish(id);
  const pages = Object.entries(await crawler.pages(id));
  return { end, became: Object.fromEntries(pages.map(([at, { status, reason }]) => [at, reason ?? status])) };
}

it('takes files and feeds beside pages, and follows the links of Markdown and feeds', async () => {
  const { became } = await crawl('/', { collection: 'all' });
  expect(became).toEqual({
    '/': 'indexed',
    '/guide.md': 'indexed',
    '/next.html': 'indexed',
    '/news.xml': 'indexed',
    '/seal': 'indexed',
    '/manual': 'indexed',
    '/table.csv': 'indexed',
    '/map.xml': 'content-type',
    '/big.pdf': 'too-large',
    '/x.zip': 'content-type',
  });
  const { origin } = stack.site;
  const files = [...stack.rag.files.values()].map(({ content, ...file }) => ({
    ...file,
    text: Buffer.from(content, 'base64').toString(),
  }));
  expect(files.every((file) => file.title === undefined)).toBe(true);
  expect(files).toMatchObject([
    {
      text: '%PDF-1.4',
      content_type: 'application/pdf',
      encoding: 'base64',
      url: `${origin}/manual`,
      metadata: { trust: 'web', file_name: 'manual.pdf' },
    },
    { text: 'a,b\n1,2\n', content_type: 'text/csv', url: `${origin}/table.csv` },
  ]);
  expect((await crawl('/table.csv', { collection: 'all' })).became).toEqual({ '/table.csv': 'unchanged' });
});

it('takes only the types that it is told, and reads pages for their links all the same', async () => {
  const { became } = await crawl('/', { collection: 'few', types: ['csv', 'markdown'] });
  expect(became).toEqual({
    '/': 'content-type',
    '/guide.md': 'indexed',
    '/next.html': 'content-type',
    '/table.csv': 'indexed',
    '/news.xml': 'content-type',
    '/manual': 'content-type',
    '/map.xml': 'content-type',
    '/big.pdf': 'content-type',
    '/x.zip': 'content-type',
  });
  expect(
    (
      await stack.crawler.request('POST', '/v1/crawls', {
        body: { url: 'https://x.example', types: ['exe'] },
      })
    ).status,
  ).toBe(400);
});

it('takes source code and configuration letter by letter, in its language', async () => {
  const { pages } = stack.site;
  const files = {
    '/src/deploy.yaml': ['application/yaml', 'service:\n  replicas: 3\n'],
    '/src/main.py': ['text/plain', 'def main():\n    return 7\n'],
    '/src/lib.rs': ['application/octet-stream', 'fn main() {\n    run();\n}\n'],
    '/src/view': ['text/x-go', 'package main\n'],
  } as const;
  pages['/src/'] = article('Sources', [...Object.keys(files), '/src/tool.exe']);
  pages['/src/tool.exe'] = respond(200, { 'content-type': 'application/octet-stream' }, 'MZ');
  for (const [path, [type, body]] of Object.entries(files))
    pages[path] = respond(200, { 'content-type': type }, body);
  const { became } = await crawl('/src/', { collection: 'source' });
  expect(became).toEqual({
    '/src/': 'indexed',
    '/src/deploy.yaml': 'indexed',
    '/src/main.py': 'indexed',
    '/src/lib.rs': 'indexed',
    '/src/view': 'indexed',
    '/src/tool.exe': 'content-type',
  });
  const read = [...stack.rag.documents.values()].flatMap(({ url = '', document }) => {
    const [, body] = files[new URL(url).pathname as keyof typeof files] ?? [];
    const [block] = document.blocks;
    const language = block?.kind === 'code' ? block.language : undefined;
    return body === undefined ? [] : [[language, document.text.trim() === body.trim()]];
  });
  expect(read.sort()).toEqual([
    ['go', true],
    ['python', true],
    ['rust', true],
    ['yaml', true],
  ]);
});

it('leaves out a file whose headers say noindex', async () => {
  expect((await crawl('/secret.pdf')).became).toEqual({ '/secret.pdf': 'robots' });
});

it('has failed when rag can store nothing of it', async () => {
  stack.rag.mode = () => 'DOCUMENT_NOT_READABLE';
  const { end, became } = await crawl('/only.pdf');
  stack.rag.mode = 'ok';
  expect(became).toEqual({ '/only.pdf': 'rejected-by-rag' });
  expect(end).toMatchObject({
    status: 'failed',
    error: expect.stringContaining(`/v1/crawls/${end.id}/errors`),
  });
});
