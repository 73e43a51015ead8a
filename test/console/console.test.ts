import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSite, type TestSite } from '@xnai/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REACHABLE_PAGES, SMALL_SITE } from '../support/small-site.ts';
import { all, type Stack, startStack, TEST_KEY } from '../support/stack.ts';
import { ask, CHROMIUM, launchBrowser, openPanel, openSignedIn, openTab, signIn } from './open-console.ts';

const XNAI = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const LOG = `# Log of the Halvorsen

The Halvorsen sails out of Port Ellery.

## Inspection

The bosun inspects the shrouds every eleven days and after each gale.
`;

describe.skipIf(CHROMIUM === undefined)('the console', { timeout: 90_000 }, () => {
  let site: TestSite;
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    site = await startSite(SMALL_SITE);
    const env = { CRAWL_ALLOWED_ORIGINS: site.origin };
    // One after the other: each is ended also when the other does not come up.
    browser = await launchBrowser();
    stack = await startStack({ env });
    const { rag } = stack.api;
    await rag.putDocument('default', 'log', { content: LOG, content_type: 'text/markdown' });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(all(stack));
  });

  it('asks for the key, says when it is wrong, and takes one that was pasted with spaces', async () => {
    await using tab = await openTab(browser, stack.ragUrl);
    const { page } = tab;
    await signIn(page, `${TEST_KEY}\u200B`);
    await page.getByRole('alert').getByText('This key is not valid').waitFor();
    await page.reload();
    await signIn(page, `xnai_${'x'.repeat(43)}`);
    await page.getByRole('alert').getByText('This key is not valid').waitFor();
    await signIn(page, `  ${TEST_KEY} `);
    await page.getByRole('heading', { level: 1, name: 'Ask' }).waitFor();
    const kept = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    );
    expect(kept).toBe('[{},{},""]');
    await page.reload();
    await page.getByLabel('API key').waitFor();
    expect(tab.complaints).toEqual([]);
  });

  it('answers with citations that open their passage in the document', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await ask(page, 'How often are the shrouds inspected?');
    await page.getByText('Answered with 1 citation.').waitFor();
    await page
      .getByRole('button', { name: /^Citation 1: open/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The Halvorsen sails out of Port Ellery.').waitFor();
    expect(await dialog.locator('mark').textContent()).toBe(
      'The bosun inspects the shrouds every eleven days and after each gale.',
    );
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(tab.complaints).toEqual([]);
  });

  it('opens a passage by its link, as answers to other programs have it', async () => {
    await using tab = await openTab(browser, stack.ragUrl);
    const { page } = tab;
    const start = LOG.indexOf('every eleven days');
    await page.goto(`${stack.ragUrl}/#/documents/default/log/${start}-${start + 'every eleven days'.length}`);
    await signIn(page, TEST_KEY);
    const marked = page.getByRole('dialog').locator('mark');
    await marked.waitFor();
    expect(await marked.textContent()).toBe('every eleven days');
    expect(tab.complaints).toEqual([]);
  });

  it('forgets with the key what was read with it', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await ask(page, 'How often are the shrouds inspected?');
    await page.getByText('Answered with 1 citation.').waitFor();
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await signIn(page, TEST_KEY);
    await page.getByRole('heading', { level: 1, name: 'Ask' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Question' }).inputValue()).toBe('');
    expect(await page.getByRole('article').count()).toBe(0);
  });

  it('cancels a question that takes its time, and answers the next one', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    const held = Promise.withResolvers<void>();
    await page.route('**/v1/query', async (route) => {
      await held.promise;
      await route.abort().catch(() => undefined);
    });
    await ask(page, 'How often are the shrouds inspected?');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    held.resolve();
    await page.unroute('**/v1/query');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText(/^Answered with/).waitFor();
  });

  it('says in words that nothing answers, and what the question names in vain', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    await ask(tab.page, 'What does error 4711 of the shrouds mean?');
    await tab.page.getByRole('heading', { name: 'No answer' }).waitFor();
    await tab.page.getByText(/mentions .*4711/).waitFor();
    await tab.page.getByRole('heading', { name: 'What comes nearest' }).waitFor();
  });

  it('takes several files, says of each what became of it, and deletes after a question', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await openPanel(page, 'Documents');
    await page
      .getByLabel(/^Drop files here/)
      .setInputFiles([
        file('galley.md', '# Galley\n\nThe cook lights the stove at six.'),
        file('broken.pdf', 'not a PDF'),
      ]);
    await page.getByText('1 of 2 added, 1 failed').waitFor();
    await page.getByText('The content of the file is not a PDF').waitFor();
    await page.getByRole('button', { name: 'Galley', exact: true }).click();
    await page.getByRole('dialog').getByText('The cook lights the stove at six.').waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Delete Galley' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete Galley' }).waitFor({ state: 'detached' });
    await expect.poll(() => page.locator(':focus').textContent()).toBe('All documents');
    const { documents } = await stack.api.rag.listDocuments('default');
    expect(documents.map(({ id }) => id)).toEqual(['log']);
    expect(tab.complaints).toEqual([]);
  });

  it('crawls a site once for a double click, shows its pages with reasons, and leads to asking', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await openPanel(page, 'Crawls');
    await page.getByLabel('Address of a site').fill(`${site.origin}/`);
    await page.getByLabel('Collection').fill('ship');
    await page.getByRole('button', { name: 'Crawl', exact: true }).dblclick();
    await page.getByRole('status').getByText('completed, with errors').waitFor();
    await page.getByText('http-error, HTTP 404').waitFor();
    await page.getByRole('heading', { name: /^Pages/ }).waitFor();
    expect((await stack.api.crawler.crawls()).crawls).toHaveLength(1);
    expect((await stack.api.rag.getCollection('ship')).documents).toBe(REACHABLE_PAGES);

    await page.getByRole('link', { name: 'Ask about these pages' }).click();
    await ask(page, 'How much does the fresh water tank hold?');
    await page
      .getByText(/3400 litres/)
      .first()
      .waitFor();
    expect(tab.complaints).toEqual([]);
  });

  it('repeats a crawl by a schedule, which is paused, continued and deleted after a question', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    const { crawler } = stack.api;
    const address = `${site.origin}/not-linked.html`;
    await openPanel(page, 'Crawls');
    await page.getByLabel('Address of a site').fill(address);
    await page.getByLabel('Collection').fill('repeated');
    await page.getByLabel('Repeat').selectOption('by a cron expression');
    await page.getByLabel('Cron expression').fill('0 3 31 2 *');
    await page.getByRole('button', { name: 'Crawl', exact: true }).click();
    await page.getByRole('alert').getByText('it would never fire').waitFor();
    await page.getByLabel('Repeat').selectOption('every day');
    await page.getByRole('button', { name: 'Crawl', exact: true }).click();
    await page.getByRole('link', { name: 'All crawls' }).click();

    const schedule = page.getByRole('region', { name: 'Schedules' }).getByRole('row', { name: address });
    await schedule.getByText('every day').waitFor();
    await schedule.getByRole('link', { name: 'completed' }).waitFor();
    await schedule.getByRole('button', { name: /^Pause/ }).press('Enter');
    const paused = schedule.getByText('paused', { exact: true });
    await paused.waitFor();
    expect((await crawler.schedules()).schedules).toMatchObject([
      { paused: true, schedule: { every: '1d' } },
    ]);
    await schedule.getByRole('button', { name: /^Continue/ }).press('Enter');
    await paused.waitFor({ state: 'detached' });
    await schedule.getByRole('button', { name: /^Delete/ }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter');
    await schedule.waitFor({ state: 'detached' });
    expect(await page.getByRole('heading', { name: 'Schedules' }).count()).toBe(0);
    await expect.poll(() => page.locator(':focus').getAttribute('id')).toBe('main');
    expect((await crawler.schedules()).schedules).toEqual([]);
    expect(tab.complaints).toEqual([]);
  });

  it('holds a breaker open with a reason, and closes it', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await openPanel(page, 'State');
    await order(page, 'Isolate rerank', 'new weights');
    await page.getByText(/held open by .*: new weights/).waitFor();
    const { breakers } = await stack.api.rag.breakers();
    expect(breakers.find(({ name }) => name === 'rerank')?.state).toBe('isolated');
    await order(page, 'Reset rerank', 'they are there');
    await page.getByText('isolated', { exact: true }).waitFor({ state: 'detached' });
    expect(tab.complaints).toEqual([]);
  });

  it('lists who did what, as text, and more of it on demand', async () => {
    const { rag } = stack.api;
    await rag.isolateBreaker('rerank', { reason: '<img src=x onerror=alert(1)>' });
    await rag.resetBreaker('rerank', { reason: 'done' });
    for (let count = 0; count < 10; count += 1) {
      await rag.deleteDocument('default', 'absent').catch(() => undefined);
    }
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await openPanel(page, 'State');
    const acts = page.getByRole('region', { name: 'Record of acts' });
    await acts.getByText('not done: HTTP 404').first().waitFor();
    await acts.getByRole('button', { name: 'More' }).click();
    await acts.getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await acts.locator('img').count()).toBe(0);
    expect(tab.complaints).toEqual([]);
  });

  it('shows no record of acts to a key without the scope admin', async () => {
    const words = ['keys', 'create', '--scopes', 'query,metrics', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [XNAI, ...words], {
      env: { ...process.env, XNAI_DATA_DIR: stack.dataDir },
    });
    const { key } = JSON.parse(stdout) as { key: string };
    await using tab = await openTab(browser, stack.ragUrl);
    const { page } = tab;
    await signIn(page, key);
    await page.getByRole('heading', { level: 1, name: 'Ask' }).waitFor();
    const refused = page.waitForResponse(/\/v1\/audit/);
    await openPanel(page, 'State');
    expect((await refused).status()).toBe(403);
    await page.getByRole('heading', { name: 'Time of answers' }).waitFor();
    expect(await page.getByText('Record of acts').count()).toBe(0);
  });

  it('says so while the crawler is held away, and goes on asking', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await stack.api.rag.isolateBreaker('crawler', { reason: 'it is moved' });
    await openPanel(page, 'Crawls');
    await page.getByText('The crawler is away: its breaker is open.').waitFor();
    await openPanel(page, 'State');
    await page.getByText('The crawler is away: its breaker is open.').waitFor();
    await page.getByText('held open by').waitFor();
    await openPanel(page, 'Ask');
    await ask(page, 'How often are the shrouds inspected?');
    await page.getByText(/^Answered with/).waitFor();
    await stack.api.rag.resetBreaker('crawler', { reason: 'it is back' });
    await openPanel(page, 'Crawls');
    await page.getByRole('link', { name: `${site.origin}/`, exact: true }).waitFor();
  });

  it('says that rag is away, and works again when it is back', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await page.context().setOffline(true);
    await ask(page, 'How often are the shrouds inspected?');
    await page.getByRole('alert').getByText('rag does not answer').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText(/^Answered with/).waitFor();
  });
});

const file = (name: string, text: string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(text),
});

async function order(page: Page, name: string, reason: string): Promise<void> {
  await page.getByRole('button', { name }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: 'Give the order' }).click();
  await dialog.waitFor({ state: 'detached' });
}
