import type { FrontierPage } from './frontier-page.ts';
import { HostQueue, type HostRules } from './host-queue.ts';

export interface FrontierOptions {
  /** At most so many pages are fetched. */
  readonly limit: number;
  /** Fetches already used, by whoever worked on this crawl before. */
  readonly taken: number;
  readonly perHost: HostRules;
  readonly now?: () => number;
  /** Nothing is handed out any more once this is so. */
  readonly isOver?: (() => boolean) | undefined;
}

/**
 * What is still to fetch, in order of discovery, and when: hosts are paced apart from each other. Only in
 * memory; whoever adds to it writes to the page log first.
 */
export class Frontier {
  readonly #options: FrontierOptions;
  readonly #now: () => number;
  readonly #known = new Set<string>();
  readonly #hosts = new Map<string, HostQueue>();
  #taken: number;
  #inFlight = 0;
  #held = 0;

  constructor(options: FrontierOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#taken = options.taken;
  }

  get size(): number {
    return this.#hosts.values().reduce((sum, host) => sum + host.size, 0);
  }

  /** Notes a URL as seen; false when it was already. */
  know(url: string): boolean {
    if (this.#known.has(url)) return false;
    this.#known.add(url);
    return true;
  }

  add({ url, depth, order }: { readonly url: string; readonly depth: number; readonly order: number }): void {
    const { host } = new URL(url);
    this.#host(host).add({ url, depth, order, host, retries: 0 });
  }

  /** A page that may be fetched now. It is in flight until `finish` or `retry`. */
  next(): FrontierPage | undefined {
    const nowMs = this.#now();
    const page = this.#isSpent ? undefined : this.#findReady(nowMs)?.take(nowMs);
    if (page !== undefined) this.#inFlight += 1;
    return page;
  }

  hasNext(): boolean {
    return !this.#isSpent && this.#findReady(this.#now()) !== undefined;
  }

  /** When `next` will have a page by the passing of time alone. */
  readyAtMs(): number | undefined {
    if (this.#isSpent) return undefined;
    const firstMs = this.#hosts.values().reduce((first, host) => Math.min(first, host.readyAtMs), Infinity);
    return firstMs === Infinity ? undefined : firstMs;
  }

  /** `isTaken`: one of the crawl's fetches was used. */
  finish(page: FrontierPage, { isTaken }: { readonly isTaken: boolean }): void {
    this.#inFlight -= 1;
    if (isTaken) this.#taken += 1;
    this.#host(page.host).finish(this.#now(), isTaken);
  }

  retry(page: FrontierPage, atMs: number): void {
    this.#inFlight -= 1;
    this.#host(page.host).retryAt(page, atMs);
  }

  /** Once a host's rules are known, it is fetched from side by side, or at the delay that it asks for. */
  openHost(host: string, crawlDelayMs: number | undefined): void {
    this.#host(host).open(this.#now(), crawlDelayMs);
  }

  /** A fetch from the host has ended: its delay begins anew. */
  restHost(host: string): void {
    this.#host(host).rest(this.#now());
  }

  /** Nothing is fetched from the host before then. */
  holdHost(host: string, untilMs: number): void {
    this.#host(host).hold(untilMs);
  }

  /** While held, the crawl is not over even when nothing waits: more is on its way. */
  hold(): Disposable {
    this.#held += 1;
    return {
      [Symbol.dispose]: () => {
        this.#held -= 1;
      },
    };
  }

  get isDone(): boolean {
    const isSpent = this.#taken >= this.#options.limit || this.#isOver;
    return this.#held === 0 && this.#inFlight === 0 && (isSpent || this.size === 0);
  }

  /** What was never handed out. */
  rest(): FrontierPage[] {
    return this.#hosts
      .values()
      .toArray()
      .flatMap((host) => host.pages());
  }

  get #isSpent(): boolean {
    return this.#taken + this.#inFlight >= this.#options.limit || this.#isOver;
  }

  get #isOver(): boolean {
    return this.#options.isOver?.() === true;
  }

  #findReady(nowMs: number): HostQueue | undefined {
    return this.#hosts.values().find((host) => host.readyAtMs <= nowMs);
  }

  #host(name: string): HostQueue {
    const found = this.#hosts.get(name);
    if (found !== undefined) return found;
    const host = new HostQueue(this.#options.perHost);
    this.#hosts.set(name, host);
    return host;
  }
}
