/** A URL on its way through the crawl. */
export interface FrontierPage {
  readonly url: string;
  readonly depth: number;
  /** Its place in the order of discovery. */
  readonly order: number;
  readonly host: string;
  /** Number of earlier attempts to fetch it. */
  readonly retries: number;
}

export interface HostRules {
  readonly maxInFlight: number;
  /** Minimum time between the starts of two fetches. */
  readonly delayMs: number;
}

/** The waiting pages of one host, and the time at which the next of them may be fetched. */
export class HostQueue {
  readonly #waiting: FrontierPage[] = [];
  readonly #retries: { readonly page: FrontierPage; readonly atMs: number }[] = [];
  readonly #rules: HostRules;
  #delayMs: number;
  #inFlight = 0;
  #nextAtMs = 0;
  #pausedUntilMs = 0;
  /** Until robots.txt has been read, one page at a time is fetched, because its `Crawl-delay` holds from the first page. */
  #isRobotsKnown = false;

  constructor(rules: HostRules) {
    this.#rules = rules;
    this.#delayMs = rules.delayMs;
  }

  get size(): number {
    return this.#waiting.length + this.#retries.length;
  }

  /** Minimum time between two fetches, as the crawl or the host's robots.txt asks. */
  get delayMs(): number {
    return this.#delayMs;
  }

  push(page: FrontierPage): void {
    this.#waiting.push(page);
  }

  requeue(page: FrontierPage, atMs: number): void {
    this.#inFlight -= 1;
    this.#retries.push({ page, atMs });
  }

  /** The time at which `take` has a page; Infinity when a page in flight must finish first, or none waits. */
  get readyAtMs(): number {
    if (this.#inFlight >= this.#maxInFlight) return Infinity;
    const pageAtMs =
      this.#waiting.length > 0
        ? 0
        : this.#retries.reduce((first, { atMs }) => Math.min(first, atMs), Infinity);
    return Math.max(pageAtMs, this.#nextAtMs, this.#pausedUntilMs);
  }

  /** May be called only once `readyAtMs` has passed. */
  take(nowMs: number): FrontierPage | undefined {
    this.#inFlight += 1;
    this.#nextAtMs = nowMs + this.#delayMs;
    const due = this.#retries.findIndex(({ atMs }) => atMs <= nowMs);
    return due >= 0 ? this.#retries.splice(due, 1)[0]?.page : this.#waiting.shift();
  }

  /** The delay is measured from the end of a fetch too, because a slow response would otherwise shorten the pause of the host. */
  restartDelay(nowMs: number): void {
    this.#nextAtMs = nowMs + this.#delayMs;
  }

  /** A page that was not requested gives its time slot to the next one. */
  finish(nowMs: number, isCounted: boolean): void {
    this.#inFlight -= 1;
    if (!isCounted) this.#nextAtMs = Math.min(this.#nextAtMs, nowMs);
  }

  applyRobots(nowMs: number, crawlDelayMs: number | undefined): void {
    if (this.#isRobotsKnown) return;
    this.#isRobotsKnown = true;
    this.#delayMs = Math.max(this.#delayMs, crawlDelayMs ?? 0);
    this.#nextAtMs = nowMs + this.#delayMs;
  }

  pause(untilMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }

  pages(): FrontierPage[] {
    return [...this.#waiting, ...this.#retries.map(({ page }) => page)];
  }

  get #maxInFlight(): number {
    return !this.#isRobotsKnown || this.#delayMs > 0 ? 1 : this.#rules.maxInFlight;
  }
}
