import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { all, type Stack, startStack, TEST_KEY } from '../support/stack.ts';
import { ask, CHROMIUM, launchBrowser, openSignedIn, openTab, signIn } from './open-console.ts';

const LOG = `# Log of the Halvorsen

The Halvorsen sails out of Port Ellery.

## Inspection

The bosun inspects the shrouds every eleven days and after each gale.
`;

describe.skipIf(CHROMIUM === undefined)('the console', { timeout: 90_000 }, () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    const { rag } = stack.api;
    await rag.putDocument('default', 'log', { content: LOG, content_type: 'text/markdown' });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(all(stack));
  });

  it('asks for the key, says when it is wrong, and takes one that was pasted with spaces', async () => {
    await using tab = await openTab(browser, stack.ragUrl);
    const { page } = tab;
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

  it('says in words that nothing answers, and what the question names in vain', async () => {
    await using tab = await openSignedIn(browser, stack.ragUrl);
    await ask(tab.page, 'What does error 4711 of the shrouds mean?');
    await tab.page.getByRole('heading', { name: 'No answer' }).waitFor();
    await tab.page.getByText('Nothing that was found mentions:').waitFor();
  });
});
