import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasApt, serveFolder, startSite, type TestSite, unpackDebianPackages } from '@xnai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import questions from './questions/git-doc.json' with { type: 'json' };
import { all, type Stack, startStack } from './support/stack.ts';

const isSkipped = !hasApt();
const HTML_FOLDER = 'usr/share/doc/git-doc';
/** Everything that can be reached from it is one page away. */
const FIRST_PAGE = 'git.html';

if (isSkipped)
  console.warn('SKIPPED: the git documentation comes as a Debian package, and there is no apt here');

describe.skipIf(isSkipped)('the git documentation, which others wrote', { timeout: 120_000 }, () => {
  let folder: string;
  let site: TestSite;
  let stack: Stack;

  beforeAll(async () => {
    folder = unpackDebianPackages('git-doc');
    site = await startSite(serveFolder(join(folder, HTML_FOLDER)));
    stack = await startStack({ env: { CRAWL_ALLOWED_ORIGINS: site.origin } });
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(all(stack));
  });
  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('is indexed to the last page that can be reached, and its broken links are named', async () => {
    const { pages, broken } = readLinks(join(folder, HTML_FOLDER), FIRST_PAGE);
    expect(pages.length).toBeGreaterThan(200);
    const { id } = await stack.api.crawler.submitCrawl({ url: `${site.origin}/${FIRST_PAGE}`, limit: 300 });
    const crawl = await stack.api.endedCrawl(id);
    expect(crawl).toMatchObject({
      status: broken.length === 0 ? 'completed' : 'completed_with_errors',
      stopReason: 'exhausted',
      counters: { indexed: pages.length, unchanged: 0, failed: broken.length },
    });
    expect(await stack.api.rag.getCollection('default')).toMatchObject({ documents: pages.length });
    const { errors } = await stack.api.crawler.crawlErrors(id);
    expect(errors.map(({ url }) => new URL(url).pathname.slice(1)).sort()).toEqual(broken);
  });

  it('answers questions from the page that tells, in its words', async () => {
    const wrong: string[] = [];
    for (const { question, document, phrase } of questions.answerable) {
      const { answer, citations } = await stack.api.rag.query({ query: question });
      const cited = citations
        .filter(({ index }) => answer.includes(`[${index}]`))
        .map(({ url }) => url ?? '');
      const isCited = [document].flat().some((path) => cited.some((url) => url.endsWith(`/${path}`)));
      const isSaid = [phrase].flat().some((words) => normalise(answer).includes(normalise(words)));
      if (!isCited || !isSaid) wrong.push(`${question}\n    ${answer}\n    ${cited.join(' ')}`);
    }
    expect(questions.answerable).toHaveLength(20);
    expect(20 - wrong.length, wrong.join('\n')).toBeGreaterThanOrEqual(16);
  });

  it('does not make up answers to questions about other things', async () => {
    const madeUp: string[] = [];
    for (const question of questions.unanswerable) {
      const { mode, answer } = await stack.api.rag.query({ query: question });
      if (mode !== 'none') madeUp.push(`${question}\n    ${answer}`);
    }
    expect(questions.unanswerable).toHaveLength(10);
    expect(10 - madeUp.length, madeUp.join('\n')).toBeGreaterThanOrEqual(7);
  });
});

function normalise(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ');
}

/** What a walk over the links of a folder comes to, from one page on; found without any of our own code. */
function readLinks(folder: string, first: string): { readonly pages: string[]; readonly broken: string[] } {
  const found = new Set([first]);
  // A set gives out what is added to it while it is walked.
  for (const path of found) {
    if (!existsSync(join(folder, path))) continue;
    const html = readFileSync(join(folder, path), 'utf8');
    for (const [, href = ''] of html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)) {
      const url = new URL(decodeEntities(href), `http://site/${path}`);
      if (url.host === 'site') found.add(decodeURIComponent(url.pathname.slice(1)));
    }
  }
  const pages = [...found].filter((path) => existsSync(join(folder, path)));
  return { pages, broken: [...found].filter((path) => !pages.includes(path)).sort() };
}

function decodeEntities(text: string): string {
  return text
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&amp;', '&');
}
