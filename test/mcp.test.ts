import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { startSite, type TestSite, waitUntil } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CRAWL_MS, CRAWL_POLL_MS } from './support/api.ts';
import { REACHABLE_PAGES, SMALL_SITE } from './support/small-site.ts';
import { type Stack, startStack, TEST_KEY } from './support/stack.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const main = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));

interface Answer {
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back.
  readonly data: any;
  readonly isError: boolean | undefined;
}

async function connect(transport: Transport) {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  return {
    client,
    async call(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
      const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
      const [first] = content;
      return { text: first?.type === 'text' ? first.text : '', data: structuredContent, isError };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function overHttp(url: string) {
  const requestInit = { headers: { authorization: `Bearer ${TEST_KEY}` } };
  return connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit }));
}

/** As a chat program on this machine starts it: no key is given. */
function overStdio({ dataDir, ragUrl, crawlerUrl }: Pick<Stack, 'dataDir' | 'ragUrl' | 'crawlerUrl'>) {
  return connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [main, 'mcp'],
      env: {
        PATH: process.env['PATH'] ?? '',
        XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? '',
        TMPDIR: process.env['TMPDIR'] ?? '',
        XNAI_DATA_DIR: dataDir,
        RAG_PORT: new URL(ragUrl).port,
        CRAWL_PORT: new URL(crawlerUrl).port,
      },
    }),
  );
}

describe.runIf(hasRedis)('the Model Context Protocol', { timeout: 90_000 }, () => {
  let site: TestSite;
  let stack: Stack;

  beforeAll(async () => {
    site = await startSite({ ...SMALL_SITE });
    stack = await startStack({ env: { CRAWL_ALLOWED_ORIGINS: site.origin } });
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  async function crawlToTheEnd({ call }: Awaited<ReturnType<typeof connect>>, collection: string) {
    const { data } = await call('crawl', { url: `${site.origin}/`, collection });
    const ended = async () => {
      const answer = await call('crawl_status', { id: data.id });
      return answer.data.finishedAt === null ? undefined : answer;
    };
    return waitUntil('the crawl has ended', ended, { timeoutMs: CRAWL_MS, pollMs: CRAWL_POLL_MS });
  }

  it('crawls and asks over HTTP, at both services', async () => {
    await using crawler = await overHttp(stack.crawlerUrl);
    const ended = await crawlToTheEnd(crawler, 'ship');
    expect(ended.text).toContain('completed_with_errors (exhausted)');
    expect(ended.data.counters.indexed).toBe(REACHABLE_PAGES);
    expect((await crawler.call('scrape', { url: `${site.origin}/engine.html` })).text).toContain(
      'built in Turku',
    );

    await using rag = await overHttp(stack.ragUrl);
    const answer = await rag.call('ask', {
      query: 'How often does the bosun inspect the shrouds?',
      collection: 'ship',
    });
    expect(answer.text).toMatch(/eleven days.*\[1\]/s);
    expect(answer.text).toContain(`${site.origin}/rigging.html`);
    const [citation] = answer.data.citations;
    const part = { collection: 'ship', id: citation.document_id, start: citation.start };
    const read = await rag.call('read_document', { ...part, max_chars: citation.end - citation.start });
    expect(read.data.text).toBe(citation.quote);
  });

  it('does both by `xnai mcp`, with the key that the stack keeps for commands', async () => {
    await using xnai = await overStdio(stack);
    expect((await xnai.client.listTools()).tools.map(({ name }) => name)).toEqual([
      'search',
      'ask',
      'read_document',
      'list_collections',
      'crawl',
      'crawl_status',
      'scrape',
    ]);
    await crawlToTheEnd(xnai, 'stdio');
    const found = await xnai.call('search', { query: 'desalinator', collection: 'stdio' });
    expect(found.text).toContain(`${site.origin}/galley.html`);
    expect(await xnai.call('ask', { query: 'x', collection: 'missing' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('COLLECTION_NOT_FOUND'),
    });
  });

  it('lists every document of every collection once, page by page, and reads them', async () => {
    const put = (collection: string, id: string) =>
      stack.api.rag.putDocument(collection, id, { content: `Text of ${id}`, content_type: 'text/plain' });
    for (let n = 0; n < 101; n += 1) await put('many', `d${n}`);
    await put('zoo', 'a:b~c');
    await using rag = await overHttp(stack.ragUrl);
    const uris: string[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await rag.client.listResources(cursor === undefined ? undefined : { cursor });
      uris.push(...page.resources.map(({ uri }) => uri));
      cursor = page.nextCursor;
    }
    expect(uris.length).toBe(new Set(uris).size);
    expect(uris.filter((uri) => uri.startsWith('xnai://documents/many/'))).toHaveLength(101);
    const last = uris.find((uri) => uri.startsWith('xnai://documents/zoo/')) ?? '';
    const { contents } = await rag.client.readResource({ uri: last });
    expect(contents).toEqual([{ uri: last, mimeType: 'text/plain', text: 'Text of a:b~c' }]);
    await expect(rag.client.readResource({ uri: 'xnai://documents/zoo/none' })).rejects.toThrow(
      'DOCUMENT_NOT_FOUND',
    );
    for (const uri of ['file:///etc/passwd', 'xnai://documents/../x', 'xnai://documents/zoo/%zz'])
      await expect(rag.client.readResource({ uri })).rejects.toThrow(`There is no resource ${uri}`);
  });

  it('records a crawl of a tool as one of its caller', async () => {
    await using crawler = await overHttp(stack.crawlerUrl);
    await crawler.call('crawl', { url: `${site.origin}/galley.html`, limit: 1 });
    const { stdout } = spawnSync(process.execPath, [main, 'audit', 'show', '--what', 'crawl.submit'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], XNAI_DATA_DIR: stack.dataDir },
    });
    expect(stdout).toMatch(/crawl\.submit {2}XNAI_API_KEY \w+ from 127\.0\.0\.1 {2}url=\S+\/galley\.html /);
  });
});

describe('xnai mcp without a stack', () => {
  it('says what is missing, on standard error alone', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'mcp'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], XNAI_DATA_DIR: '/nonexistent/data' },
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('Start one with npm start or podman compose up, or set XNAI_API_KEY');
  });
});
