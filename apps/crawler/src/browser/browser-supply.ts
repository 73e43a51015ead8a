import type { Browser } from 'playwright-core';
import type { LaunchedChromium } from './launch-chromium.ts';

/** The browser did not start. */
export class BrowserUnavailable extends Error {
  constructor(cause: unknown) {
    super('the browser did not start', { cause });
    this.name = 'BrowserUnavailable';
  }
}

export interface SupplyCaps {
  /** A browser is replaced after this number of pages, */
  readonly pagesPerBrowser: number;
  /** or at this age. */
  readonly browserAgeMs: number;
}

/** A browser for one page. */
export interface LentBrowser extends Disposable {
  readonly browser: Browser;
  /** Closes the browser, so that no other page gets it. */
  spoil(): void;
}

interface Running {
  readonly chromium: LaunchedChromium;
  readonly bornMs: number;
  served: number;
  active: number;
  isRetired: boolean;
  isClosed: boolean;
}

/**
 * One browser at a time for all pages. It is replaced after a number of pages and at an age, and is closed with its last
 * page; a browser that died is removed at once.
 */
export class BrowserSupply implements AsyncDisposable {
  readonly #launch: () => Promise<LaunchedChromium>;
  readonly #caps: SupplyCaps;
  readonly #closing = new Set<Promise<void>>();
  #current: Promise<Running> | undefined;
  launches = 0;

  constructor(launch: () => Promise<LaunchedChromium>, caps: SupplyCaps) {
    this.#launch = launch;
    this.#caps = caps;
  }

  /** @throws {BrowserUnavailable} when no browser starts */
  async borrow(): Promise<LentBrowser> {
    for (;;) {
      this.#current ??= this.#start();
      const mine = this.#current;
      const running = await mine.catch((error: unknown) => {
        if (this.#current === mine) this.#current = undefined;
        throw new BrowserUnavailable(error);
      });
      if (this.#isGood(running)) return this.#lend(running);
      if (this.#current === mine) this.#current = undefined;
      this.#retire(running);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = await this.#current?.catch(() => undefined);
    this.#current = undefined;
    if (running !== undefined) this.#close(running);
    await Promise.all(this.#closing);
  }

  async #start(): Promise<Running> {
    this.launches += 1;
    const chromium = await this.#launch();
    const bornMs = performance.now();
    const running: Running = { chromium, bornMs, served: 0, active: 0, isRetired: false, isClosed: false };
    chromium.browser.once('disconnected', () => this.#close(running));
    return running;
  }

  #isGood({ isRetired, isClosed, served, bornMs }: Running): boolean {
    const { pagesPerBrowser, browserAgeMs } = this.#caps;
    return !isRetired && !isClosed && served < pagesPerBrowser && performance.now() - bornMs < browserAgeMs;
  }

  #lend(running: Running): LentBrowser {
    running.served += 1;
    running.active += 1;
    return {
      browser: running.chromium.browser,
      spoil: () => this.#close(running),
      [Symbol.dispose]: () => {
        running.active -= 1;
        if (running.isRetired && running.active === 0) this.#close(running);
      },
    };
  }

  #retire(running: Running): void {
    running.isRetired = true;
    if (running.active === 0) this.#close(running);
  }

  #close(running: Running): void {
    if (running.isClosed) return;
    running.isClosed = true;
    const closed = running.chromium[Symbol.asyncDispose]() as Promise<void>;
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }
}
