import type { ScrapedPage, ScrapeRequest } from '@xnai/contracts';
import type { FetchResponse } from '@xnai/egress';
import { decodeText } from '@xnai/text';
import { readPage } from '../extract/read-page.ts';
import type { PageSource } from './open-pages.ts';

/** Fetches one page and reads it into the formats that were asked for. */
export async function scrapePage(
  request: ScrapeRequest,
  pages: PageSource,
): Promise<Omit<ScrapedPage, 'degraded'>> {
  const startMs = performance.now();
  const response = await pages.fetch(request.url);
  const page = toPage(request, response);
  const ms = Math.round(performance.now() - startMs);
  return { ...page, rendered: response.isRendered === true, ms };
}

function toPage({ formats }: ScrapeRequest, response: FetchResponse) {
  const { url, contentType, charset, body } = response;
  const { document, title, links } = readPage(
    { url, body, mime: contentType, charset },
    { marks: 'markdown' },
  );
  return {
    url,
    httpStatus: response.status,
    title,
    trust: 'web' as const,
    ...(formats.includes('markdown') ? { markdown: document.text } : {}),
    ...(formats.includes('html') ? { html: decodeText(body, charset) } : {}),
    ...(formats.includes('links') ? { links: [...links] } : {}),
  };
}
