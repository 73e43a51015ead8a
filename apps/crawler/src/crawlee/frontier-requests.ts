import { type Dictionary, type IRequestManager, Request } from '@crawlee/basic';
import type { Frontier } from '../frontier/frontier.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';

/** The `userData` of a request: its page, and after an error the time of its next try. */
export interface PageData {
  readonly page: FrontierPage;
  retryAtMs?: number;
}

export interface FrontierRequestsDeps {
  readonly frontier: Frontier;
  readonly nextPage: () => Promise<FrontierPage | undefined>;
  readonly stop: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** The frontier in the place of Crawlee's request queue, which knows no delays per host and no crawl that continues. */
export class FrontierRequests implements IRequestManager, Disposable {
  /** Called when a page becomes ready by the passing of time alone. */
  onReady = (): void => {};
  readonly #deps: FrontierRequestsDeps;
  #handled = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: FrontierRequestsDeps) {
    this.#deps = deps;
  }

  async isFinished(): Promise<boolean> {
    return this.#deps.signal.aborted || this.#deps.frontier.isDone;
  }

  async isEmpty(): Promise<boolean> {
    if (this.#deps.signal.aborted) return true;
    const isEmpty = !this.#deps.frontier.hasNext();
    if (isEmpty) this.#wakeLater();
    return isEmpty;
  }

  async fetchNextRequest<T extends Dictionary = Dictionary>(): Promise<Request<T> | null> {
    // After an error Crawlee would call again without end.
    const page = await this.#deps.nextPage().catch(this.#deps.stop);
    if (!page) return null;
    const request = new Request<T>({ url: page.url, uniqueKey: page.url });
    request.retryCount = page.retries;
    const data: PageData = { page };
    Object.assign(request.userData, data);
    return request;
  }

  async markRequestHandled(): Promise<void> {
    this.#handled += 1;
  }

  async reclaimRequest(request: Request): Promise<null> {
    const page: FrontierPage = request.userData['page'];
    this.#deps.frontier.requeue({ ...page, retries: request.retryCount }, request.userData['retryAtMs']);
    return null;
  }

  async handledCount(): Promise<number> {
    return this.#handled;
  }

  getTotalCount(): number {
    return this.#handled;
  }

  getPendingCount(): number {
    return 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Request> {}

  addRequest(): Promise<never> {
    return Promise.reject(new Error('pages come from the frontier only'));
  }

  addRequestsBatched(): Promise<never> {
    return this.addRequest();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #wakeLater(): void {
    clearTimeout(this.#timer);
    const atMs = this.#deps.frontier.readyAtMs();
    if (atMs !== undefined) this.#timer = setTimeout(this.onReady, Math.max(0, atMs - Date.now()));
  }
}
