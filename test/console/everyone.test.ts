import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { all, type Stack, startStack } from '../support/stack.ts';
import { HOSTILE_ADDRESSES, HOSTILE_TEXTS } from './hostile-texts.ts';
import { ask, CHROMIUM, launchBrowser, openPanel, openSignedIn, openTab } from './open-console.ts';

const MANUAL = `# Log of the Halvorsen

## Inspection

The bosun inspects the shrouds every eleven days and after each gale.

| Watch | Begins |
|---|---|
| Cormorant | 00:00 |

    engine start
`;
/** What each panel shows once it has read what it shows. */
const CONTENT: Readonly<Record<string, readonly string[]>> = {
  Ask: ['Question'],
  Documents: ['Log of the Halvorsen'],
  Crawls: ['Delete'],
  State: ['Breakers and memory of crawler', 'Record of acts'],
};
const PANELS = Object.keys(CONTENT);
/** Of a crawl that is repeated. */
const HOSTILE_SITE = 'https://xnai.invalid/?q=<img/src=x/onerror=window.pwned=1>';
const NARROW = { width: 320, height: 640 };

describe.skipIf(CHROMIUM === undefined)('the console for everyone', { timeout: 90_000 }, () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    // One after the other: each is ended also when the other does not come up.
    browser = await launchBrowser();
    stack = await startStack();
    const { rag, crawler } = stack.api;
    await crawler.submitCrawl({ url: HOSTILE_SITE, schedule: { every: '6h' } });
    await rag.putDocument('default', 'log', { content: MANUAL, content_type: 'text/markdown' });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(all(stack));
  });

  it.each(['light', 'dark'] as const)('has nothing that axe finds, in %s colours', async (colorScheme) => {
    await using first = await openTab(browser, stack.ragUrl, { colorScheme });
    await first.page.getByLabel('API key').waitFor();
    expect(await violations(first.page, colorScheme), 'the question for the key').toEqual([]);
    await using tab = await openSignedIn(browser, stack.ragUrl, { colorScheme });
    const { page } = tab;
    for (const panel of PANELS) {
      await showPanel(page, panel);
      expect(await violations(page, colorScheme), panel).toEqual([]);
    }
    await openPanel(page, 'Ask');
    await ask(page, 'How often are the shrouds inspected?');
    await page.getByText(/^Answered with/).waitFor();
    expect(await violations(page, colorScheme), 'an answer').toEqual([]);
    await page
      .getByRole('button', { name: /^Citation 1: open/ })
      .first()
      .click();
    await page.getByRole('dialog').locator('mark').waitFor();
    expect(await violations(page, colorScheme), 'a passage').toEqual([]);
  });

  it('is worked by the keyboard alone, and gives the focus back', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await page.getByRole('textbox', { name: 'Question' }).focus();
    await page.keyboard.type('How often are the shrouds inspected?');
    await page.keyboard.press('Enter');
    const chip = page.getByRole('button', { name: /^Citation 1: open/ }).first();
    await chip.waitFor();
    await chip.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').locator('mark').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const focused = () => page.locator(':focus').getAttribute('aria-label');
    await expect.poll(focused).toMatch(/^Citation 1: open/);
  });

  it('fits a narrow screen in every panel', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl, { viewport: NARROW });
    const { page } = tab;
    for (const panel of PANELS) {
      await showPanel(page, panel);
      expect(await widthOf(page), panel).toBeLessThanOrEqual(NARROW.width);
    }
    await openPanel(page, 'Ask');
    await ask(page, `What does the ${'w'.repeat(300)} say?`);
    await page.getByText(/^Answered with|^Nothing in this collection/).waitFor();
    expect(await widthOf(page), 'an answer to a long word').toBeLessThanOrEqual(NARROW.width);
  });

  it('shows hostile titles, texts and addresses as what they are', async () => {
    const { rag } = stack.api;
    for (const [at, text] of HOSTILE_TEXTS.entries()) {
      const url = HOSTILE_ADDRESSES[at];
      const document = {
        content: `The walrus says: ${text}`,
        content_type: 'text/plain',
        title: text,
      } as const;
      await rag.putDocument('hostile', `h${at}`, { ...document, ...(url !== undefined && { url }) });
    }
    await using tab = await openSignedIn(browser, stack.ragUrl);
    const { page } = tab;
    await page.getByLabel('Collection').selectOption('hostile');
    await ask(page, 'What does the walrus say?');
    await page.getByText(/^Answered with|^Nothing in this collection/).waitFor();
    expect(await foreign(page)).toEqual([]);

    await openPanel(page, 'Documents');
    const titles = page.getByRole('table').locator('button.link');
    await expect.poll(() => titles.count()).toBe(HOSTILE_TEXTS.length);
    const shown = await titles.allTextContents();
    for (const text of HOSTILE_TEXTS) expect(shown).toContain(text);
    for (let at = 0; at < HOSTILE_TEXTS.length; at += 1) {
      await titles.nth(at).click();
      await page.getByRole('dialog').getByText('The walrus says:').waitFor();
      expect(await foreign(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await showPanel(page, 'Crawls');
    expect(await foreign(page)).toEqual([]);
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(tab.complaints).toEqual([]);
  });
});

/** Opens a panel, and waits until it shows what it has read. */
async function showPanel(page: Page, panel: string): Promise<void> {
  await openPanel(page, panel);
  await page.getByRole('heading', { level: 1, name: panel }).waitFor();
  for (const text of CONTENT[panel] ?? []) await page.getByText(text).first().waitFor();
  if (panel === 'Crawls') await page.getByLabel('Repeat').selectOption('by a cron expression');
}

const widthOf = (page: Page) => page.evaluate('document.documentElement.scrollWidth');

const RUN = { light: 'axe.run()', dark: "axe.run({ runOnly: ['color-contrast'] })" } as const;

/** Dark colours change nothing but the contrast. */
async function violations(page: Page, colorScheme: 'light' | 'dark'): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { passes, violations: found } = (await page.evaluate(RUN[colorScheme])) as AxeResults;
  expect(passes.length).toBeGreaterThan(0);
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Elements that the console itself never makes, and links that lead anywhere but to its panels and pages of the web. */
function foreign(page: Page): Promise<readonly string[]> {
  return page.locator('#app').evaluate((app) => {
    const tags =
      'script,style,img,iframe,object,embed,video,link,base,meta,math,template,xmp,details,u,i,b,s,sup';
    const strange = [...app.querySelectorAll(tags)];
    const links = [...app.querySelectorAll('a')].filter(({ href }) => !/^https?:/.test(href));
    return [...strange, ...links].map(({ outerHTML }) => outerHTML);
  });
}
