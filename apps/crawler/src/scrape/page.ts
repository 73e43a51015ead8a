import type { ScrapedPage, ScrapeRequest } from '@xnai/contracts';
import type { FetchResponse } from '@xnai/egress';
import { decodeText, ReadError } from '@xnai/text';
import { readFile } from '@xnai/text/files';
import { pageTypeOf } from '../extract/page-type.ts';
import { nameOf, type ReadPage, readPage } from '../extract/read-page.ts';
import { PageError } from '../page-error.ts';
import type { PageSource } from './open-pages.ts';

/** A scrape from within this service. */
export interface PageRequest extends ScrapeRequest {
  /** Takes a page with a status of 400 or more like any other. */
  readonly takesErrorPages?: boolean | undefined;
}

/** Fetches one page and reads it into the formats that were asked for. */
export async function scrapePage(
  request: PageRequest,
  pages: PageSource,
): Promise<Omit<ScrapedPage, 'degraded' | 'warning'>> {
  const startMs = performance.now();
  const response = await pages.fetch(request.url, request);
  const page = await toPage(request, response);
  const ms = Math.round(performance.now() - startMs);
  return { ...page, rendered: response.isRendered === true, ms };
}

async function toPage({ formats }: ScrapeRequest, response: FetchResponse) {
  const { url, charset, body, screenshot } = response;
  const { document, title, links } = await readAny(response);
  return {
    url,
    httpStatus: response.status,
    title,
    trust: 'web' as const,
    ...(formats.includes('markdown') ? { markdown: document.text } : {}),
    ...(formats.includes('html') ? { html: decodeText(body, charset) } : {}),
    ...(screenshot === undefined
      ? {}
      : { screenshot: `data:image/png;base64,${screenshot.toString('base64')}` }),
    ...(formats.includes('links') ? { links: [...links] } : {}),
  };
}

/** @throws {PageError} `content-type` for what is not read, `extract-failed` for a file that is damaged or locked */
async function readAny(response: FetchResponse): Promise<Pick<ReadPage, 'document' | 'title' | 'links'>> {
  const { url, charset, body, isRendered, fileName = nameOf(url) } = response;
  const pageType = pageTypeOf(response);
  if (pageType === undefined) throw new PageError('content-type', { url });
  const { contentType: mime, isFile, language } = pageType;
  if (!isFile) return readPage({ url, body, mime, language, charset, isRendered }, { marks: 'markdown' });
  try {
    const document = await readFile(body, { mediaType: mime, fileName, url });
    return { document, title: document.title ?? fileName, links: [] };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new PageError('extract-failed', { url, detail: error.message });
  }
}
