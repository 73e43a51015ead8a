import { type FrontierPage, HostQueue, type HostRules } from './host-queue.ts';

export interface FrontierOptions {
  /** Maximum number of pages to fetch. */
  readonly limit: number;
  /** Number of fetches that earlier workers of this crawl have used up of the limit. */
  readonly counted: number;
  readonly perHost: HostRules;
  readonly now?: () => number;
  /** Once this returns true, the frontier hands out no more pages. */
  readonly isOver?: (() => boolean) | undefined;
}

/**
 * The URLs that are still to be fetched, in order of discovery, and the time of the next request to each host. It is
 * kept in memory only: callers write each URL to the page log before they add it here, and a worker that continues the
 * crawl restores the frontier from the page log.
 */
export class Frontier {
  readonly #options: FrontierOptions;
  readonly #now: () => number;
  readonly #seen = new Set<string>();
  readonly #hosts = new Map<string, HostQueue>();
  #counted: number;
  #inFlight = 0;
  #producers = 0;

  constructor(options: FrontierOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#counted = options.counted;
  }

  get size(): number {
    return this.#hosts.values().reduce((sum, host) => sum + host.size, 0);
  }

  /** Notes a URL as seen; false when it was seen before. */
  markSeen(url: string): boolean {
    if (this.#seen.has(url)) return false;
    this.#seen.add(url);
    return true;
  }

  hasSeen(url: string): boolean {
    return this.#seen.has(url);
  }

  enqueue({ url, depth, order }: Pick<FrontierPage, 'url' | 'depth' | 'order'>): void {
    const { host } = new URL(url);
    this.#host(host).push({ url, depth, order, host, retries: 0 });
  }

  /** A page that may be fetched now. It is in flight until `finish` or `requeue`. */
  next(): FrontierPage | undefined {
    const nowMs = this.#now();
    const page = this.#isSpent ? undefined : this.#findReady(nowMs)?.take(nowMs);
    if (page !== undefined) this.#inFlight += 1;
    return page;
  }

  hasNext(): boolean {
    return !this.#isSpent && this.#findReady(this.#now()) !== undefined;
  }

  /** The earliest time at which `next` has a page without any other page finishing first. */
  readyAtMs(): number | undefined {
    if (this.#isSpent) return undefined;
    const firstMs = this.#hosts.values().reduce((first, host) => Math.min(first, host.readyAtMs), Infinity);
    return firstMs === Infinity ? undefined : firstMs;
  }

  /** Ends the work on a page in flight. `isCounted`: the page used up one fetch of the crawl's limit. */
  finish(page: FrontierPage, { isCounted }: { readonly isCounted: boolean }): void {
    this.#inFlight -= 1;
    if (isCounted) this.#counted += 1;
    this.#host(page.host).finish(this.#now(), isCounted);
  }

  /** Puts a page in flight back, to be tried again at `atMs` or later. */
  requeue(page: FrontierPage, atMs: number): void {
    this.#inFlight -= 1;
    this.#host(page.host).requeue(page, atMs);
  }

  /** Once a host's robots.txt is known, its pages are fetched in parallel, or at the delay that it asks for. */
  applyRobots(host: string, crawlDelayMs: number | undefined): void {
    this.#host(host).applyRobots(this.#now(), crawlDelayMs);
  }

  /** Minimum time between two fetches from the host. */
  delayOf(host: string): number {
    return this.#host(host).delayMs;
  }

  /** Restarts the host's delay, because a fetch from it has ended. */
  restartDelay(host: string): void {
    this.#host(host).restartDelay(this.#now());
  }

  /** Nothing is fetched from the host before `untilMs`. */
  pauseHost(host: string, untilMs: number): void {
    this.#host(host).pause(untilMs);
  }

  /** Announces that more pages will be added: the crawl is not done before the result is disposed of, even when no page waits. */
  addProducer(): Disposable {
    this.#producers += 1;
    return {
      [Symbol.dispose]: () => {
        this.#producers -= 1;
      },
    };
  }

  get isDone(): boolean {
    const isSpent = this.#counted >= this.#options.limit || this.#isOver;
    return this.#producers === 0 && this.#inFlight === 0 && (isSpent || this.size === 0);
  }

  /** The pages that were never handed out. */
  remaining(): FrontierPage[] {
    return [...this.#hosts.values()].flatMap((host) => host.pages());
  }

  get #isSpent(): boolean {
    return this.#counted + this.#inFlight >= this.#options.limit || this.#isOver;
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
