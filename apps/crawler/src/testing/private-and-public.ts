import { article, type Page, redirectTo, startSite, type TestSite } from '@xnai/testing';
import { startTestStack } from './test-stack.ts';

/**
 * A process that runs in a network namespace in which every address leads to it, so that a site can have a public one.
 * Prints as JSON what came of each act, and what arrived at the private sites meanwhile.
 */

const PUBLIC = '93.184.216.34';
const chromium = process.argv[2];

await using open = new AsyncDisposableStack();
const site = async (host: string, port: number, pages: Record<string, Page> = {}): Promise<TestSite> =>
  open.use(await startSite(pages, { host, port }));

const home = await site(PUBLIC, 80);
const wiki = await site('10.9.8.7', 8080);
const other = await site('10.9.8.8', 80);
const hidden = await site('10.9.8.9', 80, { '/': article('Hidden') });
// Of an address, the URL says already that it is private.
const named = await site('127.0.0.1', 80);
const allowed = `${wiki.origin},http://10.9.8.8,http://localhost`;
const variables = {
  CRAWL_ALLOWED_ORIGINS: allowed,
  ...(chromium === undefined ? {} : { CRAWL_CHROMIUM: chromium }),
};
const { crawler, rag } = open.use(await startTestStack({ variables }));
if (chromium !== undefined) await crawler.untilReady('browser');

const publicUrl = `http://${PUBLIC}`;
const script = (source: string) => `<body><main><h1>App</h1><p id="out">nothing</p></main>
  <script type="module">${source}; document.querySelector('#out').textContent = 'Answers: ' + answers.join(', ');</script>`;
const ask = `const answers = [];
  const ask = (url, options) => Promise.race([
    fetch(url, options).then((response) => response.text()),
    new Promise((_, fail) => setTimeout(fail, 3000)),
  ]).then((text) => answers.push(text.slice(0, 40)), () => answers.push('refused'));
  const socket = (url) => new Promise((done) => {
    const opened = new WebSocket(url.replace(/^http/, 'ws'));
    opened.onopen = opened.onerror = ({ type }) => { answers.push('socket ' + type); done(); };
  });`;
const methods = ['GET', 'POST', 'PUT', 'DELETE'];

Object.assign(home.pages, {
  '/': article('Home', [
    '/about',
    '/to-wiki',
    '/to-named',
    '/refresh',
    `${wiki.origin}/linked`,
    'http://10.9.8.8:443/',
    hidden.origin,
  ]),
  '/about': article('About'),
  '/robots.txt': `Sitemap: ${publicUrl}/sitemap.xml\nSitemap: ${wiki.origin}/named.xml`,
  '/sitemap.xml': `<urlset><url><loc>${wiki.origin}/mapped</loc></url><url><loc>${publicUrl}/about</loc></url></urlset>`,
  '/to-wiki': redirectTo(`${wiki.origin}/redirected`),
  '/to-named': redirectTo('http://localhost/redirected'),
  '/refresh': `<meta http-equiv="refresh" content="0; url=${wiki.origin}/refreshed">`,
  '/back': article('Back', [`${wiki.origin}/secret`, `${wiki.origin}/shown`]),
  '/attack': script(`${ask}
    for (const method of ${JSON.stringify(methods)}) await ask('${wiki.origin}/' + method, { method, mode: 'no-cors' });
    await ask('/to-wiki', { mode: 'no-cors' });
    await ask('/keeps-method', { method: 'POST', mode: 'no-cors' });
    document.body.append(Object.assign(document.createElement('iframe'), { src: '${wiki.origin}/frame' }));
    document.head.append(Object.assign(document.createElement('script'), { src: '${wiki.origin}/script.js' }));
    await socket('${wiki.origin}/socket')`),
  '/leave': `<main><p>Leaving.</p></main><script>location.href = '${wiki.origin}/navigated'</script>`,
  '/keeps-method': redirectTo(`${wiki.origin}/kept`, 307),
  '/lib.js': redirectTo(`${wiki.origin}/from-lib.js`),
});
Object.assign(wiki.pages, {
  '/': article('Wiki', [
    '/shown',
    `${publicUrl}/back`,
    `${wiki.origin}/app`,
    'http://10.9.8.8/manual',
    '/moved',
    '/away',
    hidden.origin,
  ]),
  '/shown': article('Shown'),
  '/secret': article('Secret'),
  '/moved': redirectTo('http://10.9.8.8/moved-here'),
  '/away': redirectTo(`${publicUrl}/to-wiki`),
  '/to-public': redirectTo(`${publicUrl}/about`),
  '/data': 'data of the wiki',
  '/moved-data': redirectTo('/data'),
  '/app': script(`${ask}
    await ask('/data'); await ask('/moved-data'); await ask('http://10.9.8.8/shared');
    for (const method of ${JSON.stringify(methods.slice(1))}) await ask('/' + method, { method });
    await ask('${publicUrl}/lib.js', { mode: 'no-cors' });
    await socket('${wiki.origin}/socket'); await socket('http://10.9.8.8/socket')`),
});
Object.assign(other.pages, {
  '/manual': article('Manual'),
  '/moved-here': article('Moved'),
  '/shared': { headers: { 'access-control-allow-origin': '*' }, body: 'data of the other' },
});

const privateSites = [wiki, other, hidden, named];

/** What a request brought, and which requests the private sites saw because of it. */
async function observe<T>(act: () => Promise<T>) {
  const before = privateSites.map(({ lines }) => lines.length);
  const result = await act();
  const arrived = privateSites.flatMap(({ lines, origin }, index) =>
    lines.slice(before[index]).map((line) => `${line} ${new URL(origin).hostname}`),
  );
  return { result, arrived };
}

const scrape = (url: string, render = 'never') =>
  observe(async () => {
    const { status, body } = await crawler.request('POST', '/v1/scrape', { body: { url, render } });
    return { status, code: body.code, markdown: body.markdown };
  });

const crawl = (url: string, collection: string) =>
  observe(async () => {
    const id = await crawler.submit({ url, collection, allowExternalLinks: true });
    const { status } = await crawler.finish(id);
    const errors = (await crawler.errors(id)).map(({ url: place, reason }) => `${reason} ${place}`).sort();
    const indexed = [...rag.documents].flatMap(([key, document]) =>
      key.includes(collection) ? [document.url] : [],
    );
    return { status, errors, indexed: indexed.sort() };
  });

const map = (url: string) =>
  observe(async () => {
    const body = { url, allowExternalLinks: true };
    return (await crawler.request('POST', '/v1/map', { body })).body;
  });

const acts = {
  scrapeWiki: await scrape(`${wiki.origin}/shown`),
  scrapeMoved: await scrape(`${wiki.origin}/moved`),
  scrapeToPublic: await scrape(`${wiki.origin}/to-public`),
  scrapeToWiki: await scrape(`${publicUrl}/to-wiki`),
  scrapeToNamed: await scrape(`${publicUrl}/to-named`),
  scrapeRefresh: await scrape(`${publicUrl}/refresh`),
  scrapeAway: await scrape(`${wiki.origin}/away`),
  mapPublic: await map(`${publicUrl}/`),
  crawlPublic: await crawl(`${publicUrl}/`, 'public'),
  crawlWiki: await crawl(`${wiki.origin}/`, 'wiki'),
  ...(chromium === undefined
    ? {}
    : {
        renderAttack: await scrape(`${publicUrl}/attack`, 'always'),
        renderLeave: await scrape(`${publicUrl}/leave`, 'always'),
        renderWiki: await scrape(`${wiki.origin}/app`, 'always'),
      }),
};
process.stdout.write(JSON.stringify(acts, undefined, 1));
