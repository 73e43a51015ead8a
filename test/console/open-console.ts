import { findChromium } from '@xnai/crawler/browser';
import { type Browser, chromium, type Page } from 'playwright-core';
import { TEST_KEY } from '../support/stack.ts';

export const CHROMIUM = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');

/** A tab with the console, and what the browser complained about in it. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** Breaches of the content security policy, and errors that nothing caught. */
  readonly complaints: readonly string[];
}

export function launchBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('there is no Chromium here');
  return chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
}

export interface TabOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

export async function openTab(browser: Browser, url: string, options: TabOptions = {}): Promise<Tab> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (said) => {
    if (/content security policy/i.test(said.text())) complaints.push(said.text());
  });
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** The console behind its question for the key. */
export async function openSignedIn(browser: Browser, url: string, options?: TabOptions): Promise<Tab> {
  const tab = await openTab(browser, url, options);
  await signIn(tab.page, TEST_KEY);
  await tab.page.getByRole('heading', { level: 1, name: 'Ask' }).waitFor();
  return tab;
}

export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Open' }).click();
}

export async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Question' }).fill(question);
  await page.getByRole('button', { name: 'Ask' }).click();
}

export function openPanel(page: Page, name: string): Promise<void> {
  return page.getByRole('navigation').getByRole('link', { name }).click();
}
