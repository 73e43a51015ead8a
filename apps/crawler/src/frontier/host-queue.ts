import type { FrontierPage } from './frontier-page.ts';

export interface HostRules {
  readonly maxInFlight: number;
  /** Least time between the starts of two fetches. */
  readonly delayMs: number;
}

/** The pages of one host that wait, and when the next of them may be fetched. */
export class HostQueue {
  readonly #waiting: FrontierPage[] = [];
  readonly #later: { readonly page: FrontierPage; readonly atMs: number }[] = [];
  readonly #rules: HostRules;
  #delayMs: number;
  #inFlight = 0;
  #nextAtMs = 0;
  #heldUntilMs = 0;
  /** Before its robots.txt is read, one page at a time: the delay it asks for must hold from the first. */
  #isOpen = false;

  constructor(rules: HostRules) {
    this.#rules = rules;
    this.#delayMs = rules.delayMs;
  }

  get size(): number {
    return this.#waiting.length + this.#later.length;
  }

  add(page: FrontierPage): void {
    this.#waiting.push(page);
  }

  retryAt(page: FrontierPage, atMs: number): void {
    this.#inFlight -= 1;
    this.#later.push({ page, atMs });
  }

  /** When `take` has a page by the passing of time alone; Infinity when it takes more than that. */
  get readyAtMs(): number {
    if (this.#inFlight >= this.#maxInFlight) return Infinity;
    const pageAtMs =
      this.#waiting.length > 0 ? 0 : this.#later.reduce((first, { atMs }) => Math.min(first, atMs), Infinity);
    return Math.max(pageAtMs, this.#nextAtMs, this.#heldUntilMs);
  }

  /** Only when it is ready. */
  take(nowMs: number): FrontierPage | undefined {
    this.#inFlight += 1;
    this.#nextAtMs = nowMs + this.#delayMs;
    const due = this.#later.findIndex(({ atMs }) => atMs <= nowMs);
    return due >= 0 ? this.#later.splice(due, 1)[0]?.page : this.#waiting.shift();
  }

  /** The host has answered, or not: the delay begins anew, so that it holds however long the way to it takes. */
  rest(nowMs: number): void {
    this.#nextAtMs = nowMs + this.#delayMs;
  }

  /** A page that was not asked for leaves its turn to the next. */
  finish(nowMs: number, isTaken: boolean): void {
    this.#inFlight -= 1;
    if (!isTaken) this.#nextAtMs = Math.min(this.#nextAtMs, nowMs);
  }

  open(nowMs: number, crawlDelayMs: number | undefined): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#delayMs = Math.max(this.#delayMs, crawlDelayMs ?? 0);
    this.#nextAtMs = nowMs + this.#delayMs;
  }

  hold(untilMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
  }

  pages(): FrontierPage[] {
    return [...this.#waiting, ...this.#later.map(({ page }) => page)];
  }

  get #maxInFlight(): number {
    return !this.#isOpen || this.#delayMs > 0 ? 1 : this.#rules.maxInFlight;
  }
}
