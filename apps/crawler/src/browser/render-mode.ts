import type { CrawlRequest, Render, ScrapeRequest } from '@xnai/contracts';

/** The part of a request that says whether a browser has to run its pages. */
export type RenderWish = Pick<CrawlRequest, 'render' | 'waitFor'> & Partial<Pick<ScrapeRequest, 'formats'>>;

/** What waits for something, or shows itself, runs in a browser whatever its HTML holds. */
export function renderMode({ render, waitFor = 0, formats = [] }: RenderWish): Render {
  return render === 'auto' && (waitFor !== 0 || formats.includes('screenshot')) ? 'always' : render;
}
