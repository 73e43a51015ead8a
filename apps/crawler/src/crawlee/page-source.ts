import type { Frontier } from '../frontier/frontier.ts';
import type { FrontierPage } from '../frontier/frontier-page.ts';
import type { PageSource } from './page-crawler.ts';

/** The frontier as Crawlee sees it, waking Crawlee when a page becomes ready by the passing of time. */
export function createPageSource(
  frontier: Frontier,
  nextPage: () => Promise<FrontierPage | undefined>,
  now: () => number = Date.now,
): PageSource & Disposable {
  let notify = () => {};
  let timer: NodeJS.Timeout | undefined;

  function wakeLater(): void {
    clearTimeout(timer);
    const atMs = frontier.readyAtMs();
    if (atMs !== undefined) timer = setTimeout(() => notify(), Math.max(0, atMs - now()));
  }

  return {
    next: nextPage,
    hasNext() {
      const hasNext = frontier.hasNext();
      if (!hasNext) wakeLater();
      return hasNext;
    },
    isDone: () => frontier.isDone,
    retry: (page, atMs) => frontier.retry(page, atMs),
    onReady(listener) {
      notify = listener;
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
