import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runXnai } from '@xnai/cli';
import { startSite, type TestSite } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GatedSite, serveGatedSite } from './support/gated-site.ts';
import { REACHABLE_PAGES, SMALL_SITE } from './support/small-site.ts';
import { type Stack, startStack } from './support/stack.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

describe.runIf(hasRedis)('xnai, of a stack that runs', { timeout: 90_000 }, () => {
  let site: TestSite;
  /** Their crawls go on until they are opened. */
  let gated: Readonly<Record<'one' | 'other', GatedSite>>;
  let stack: Stack;
  let folder: string;

  beforeAll(async () => {
    site = await startSite({ ...SMALL_SITE });
    gated = { one: await serveGatedSite(20), other: await serveGatedSite(20) };
    const allowed = [site, gated.one, gated.other].map(({ origin }) => origin);
    stack = await startStack({ env: { CRAWL_ALLOWED_ORIGINS: allowed.join() } });
    // Neither key nor ports: the stack keeps both for commands.
    vi.stubEnv('XNAI_DATA_DIR', stack.dataDir);
    folder = mkdtempSync(join(tmpdir(), 'xnai-add-'));
    mkdirSync(join(folder, 'notes/.git'), { recursive: true });
    mkdirSync(join(folder, 'notes/deep'));
    writeFileSync(join(folder, 'notes/ferry.md'), '# Ferry\n\nThe ferry to Hollin Island leaves at seven.');
    writeFileSync(join(folder, 'notes/deep/library.txt'), 'The library closes at nine.');
    writeFileSync(join(folder, 'notes/.git/config.md'), 'The hidden file says eleven.');
    writeFileSync(join(folder, 'notes/photo.png'), 'PNG');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
    await stack[Symbol.asyncDispose]();
    for (const one of [site, gated.one, gated.other]) await one[Symbol.asyncDispose]();
  });

  interface Typed {
    /** Called with each line of progress. */
    readonly onStatus?: (stop: () => void) => void;
    readonly confirms?: boolean;
  }

  async function xnai(words: string, { onStatus, confirms = false }: Typed = {}) {
    const [printed, said, asked]: [string[], string[], string[]] = [[], [], []];
    const stop = new AbortController();
    const code = await runXnai(
      words.split(' ').map((word) => word.replace('FOLDER', folder).replace('SITE', site.origin)),
      {
        print: (text) => void printed.push(`${text}\n`),
        write: (text) => void printed.push(text),
        say: (text) => void said.push(text),
        status: (line) => line !== undefined && onStatus?.(() => stop.abort()),
        confirm: async (question) => {
          asked.push(question);
          return confirms;
        },
        signal: stop.signal,
      },
    );
    return { code, out: printed.join(''), said: said.join('\n'), asked };
  }
  const json = async (words: string) => JSON.parse((await xnai(`${words} --json`)).out);

  it('sends the key that it found to its own stack alone', async () => {
    const asked: unknown[] = [];
    await using other = createServer((request, response) => {
      asked.push(request.headers);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    vi.stubEnv('RAG_PORT', String((other.address() as { port: number }).port));
    try {
      await expect(xnai('collections')).rejects.toThrow(
        `rag of your stack listens at ${stack.ragUrl}, not at http://127.0.0.1:`,
      );
      vi.stubEnv('RAG_PORT', String(stack.ragPort));
      expect(await json('collections')).toMatchObject({ collections: [] });
    } finally {
      vi.stubEnv('RAG_PORT', undefined);
    }
    expect(asked).toEqual([]);
    expect(await json('status')).toMatchObject({
      services: [{ url: stack.ragUrl }, { url: stack.crawlerUrl }],
    });
  });

  it('adds the files of a folder, and sends only what changed the next time', async () => {
    const first = await xnai('add FOLDER/notes -c notes');
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringContaining('indexed 2, unchanged 0, failed 0'),
    });
    expect(first.out).toContain('Left out, as their types are not read: notes/photo.png');

    writeFileSync(join(folder, 'notes/ferry.md'), '# Ferry\n\nThe ferry to Hollin Island leaves at eight.');
    expect(await json('add FOLDER/notes -c notes')).toMatchObject({
      indexed: 1,
      unchanged: 1,
      files: [
        { name: 'notes/deep/library.txt', status: 'unchanged' },
        { name: 'notes/ferry.md', status: 'indexed' },
      ],
    });
    const { documents } = await stack.api.rag.listDocuments('notes');
    expect(documents.map(({ metadata }) => metadata['path']).sort()).toEqual([
      'notes/deep/library.txt',
      'notes/ferry.md',
    ]);
    expect((await xnai('ask -c notes When does the ferry leave?')).out).toMatch(/leaves at eight\. \[1\]/);
  });

  it('names each file that failed, and adds the others', async () => {
    writeFileSync(join(folder, 'broken.pdf'), '%PDF-1.7\n');
    writeFileSync(join(folder, 'tea.md'), 'Tea is at four.');
    const { code, out } = await xnai('add FOLDER/broken.pdf FOLDER/tea.md -c mixed');
    expect(code).toBe(1);
    expect(out).toMatch(
      /^FAILED {2}\S*broken\.pdf: The PDF is cut off before its end \(DOCUMENT_DAMAGED\)$/m,
    );
    expect(out).toContain('indexed 1, unchanged 0, failed 1');
    expect(await xnai('add FOLDER/none')).toMatchObject({ code: 2, said: expect.stringContaining('ENOENT') });
  });

  it('reads neither devices, pipes nor what is too large, and adds the others', async () => {
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    const large = join(folder, 'large.txt');
    writeFileSync(large, 'word ');
    truncateSync(large, 10 * 1024 ** 2 + 1);
    const { code, out } = await xnai('add /dev/zero FOLDER/pipe FOLDER/large.txt FOLDER/notes -c devices');
    expect(code).toBe(1);
    for (const line of ['zero: no regular file', 'pipe: no regular file', 'large.txt: larger than 10 MiB'])
      expect(out).toContain(`FAILED  ${line}`);
    expect(out).toContain('indexed 2, unchanged 0, failed 3');
  });

  it('answers with sources, and says when there is no answer', async () => {
    await xnai('add FOLDER/notes -c notes');
    const { out } = await xnai('ask -c notes When does the library close?');
    expect(out).toMatch(
      /^The library closes at nine\. \[1\]\n\nSources:\n\[1\] .*\n {4}"The library closes at nine\."\n$/,
    );
    const again = () => json('ask -c notes When does the library close?');
    await expect.poll(async () => (await again()).cached, { timeout: 20_000 }).toBe(true);
    expect((await json('ask --fresh -c notes When does the library close?')).cached).toBeUndefined();
    const none = await xnai('ask -c notes What is the capital of France?');
    expect(none).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing in the collection "notes" answers'),
    });
    expect(await json('ask -c notes When does the library close?')).toMatchObject({
      mode: 'extractive',
      citations: [{ quote: 'The library closes at nine.' }],
    });
    await expect(xnai('ask -c missing x')).rejects.toThrow('There is no collection "missing"');
  });

  it('searches, and lists the collections', async () => {
    await xnai('add FOLDER/notes -c notes');
    expect((await xnai('search -c notes library')).out).toContain('1. library.txt');
    expect((await json('search -c notes -n 1 the')).results).toHaveLength(1);
    const { collections } = await json('collections');
    expect(collections.map(({ name }: { name: string }) => name)).toContain('notes');
  });

  it('follows a crawl to its end, with the pages that failed', async () => {
    const { code, out, asked } = await xnai('crawl SITE/ --follow -c ship');
    expect({ code, asked }, out).toEqual({ code: 0, asked: [] });
    expect(out).toMatch(/^failed {2}\S+\/gone\.html {2}http-error$/m);
    expect(out).toContain('completed_with_errors (exhausted)');
    expect(out).toContain(`indexed ${REACHABLE_PAGES}`);
    expect((await xnai('ask -c ship How often does the bosun inspect the shrouds?')).out).toMatch(
      /eleven days.*\[1\] .*\/rigging\.html/s,
    );
  });

  it.each([
    [true, 'one', 1, 'cancelled'],
    [false, 'other', 0, 'completed (exhausted)'],
  ] as const)('asks at Ctrl-C whether to cancel the crawl: %s', async (confirms, name, code, end) => {
    const { origin, open } = gated[name];
    const onStatus = (stop: () => void) => stop();
    const stopped = await xnai(`crawl ${origin}/ --follow -c stopped`, { onStatus, confirms });
    expect(stopped.asked).toEqual([expect.stringContaining('Cancel the crawl?')]);
    const [, id = ''] = /^Crawl (\w+) of/m.exec(stopped.out) ?? [];
    open();
    const followed = await xnai(`crawl ${id} --follow`);
    expect(followed).toMatchObject({ code, out: expect.stringContaining(`: ${end}`) });
  });

  it('says what is wrong with an address in the words of the API', async () => {
    await expect(xnai('crawl example')).rejects.toThrow(/^url: expected a URL that begins with https:\/\//);
  });
});
