import { STATUS_CODES } from 'node:http';
import type { PageResult, ScrapedPage } from '@xnai/contracts';
import type { FirecrawlDocument } from './answers.ts';

/** @param formats as the client names them */
export function documentOfScrape(
  page: ScrapedPage,
  formats: readonly string[],
  sourceUrl: string,
): FirecrawlDocument {
  const { url, title, httpStatus: statusCode, markdown, html, links, screenshot } = page;
  return {
    markdown,
    links,
    screenshot,
    ...(formats.includes('html') && { html }),
    ...(formats.includes('rawHtml') && { rawHtml: html }),
    ...warningOf(page),
    metadata: {
      title,
      url,
      sourceURL: sourceUrl,
      statusCode,
      ...(statusCode >= 400 && { error: STATUS_CODES[statusCode] ?? String(statusCode) }),
    },
  };
}

function warningOf({ degraded, warning }: ScrapedPage): { readonly warning?: string } {
  const noBrowser = degraded.includes('browser') ? 'No browser could run the scripts of the page' : undefined;
  const warnings = [noBrowser, warning].filter((one) => one !== undefined);
  return warnings.length === 0 ? {} : { warning: warnings.join('; ') };
}

export function documentOfPage(
  { url, httpStatus, documentId }: PageResult,
  { text, title }: { readonly text: string; readonly title: string | null },
): FirecrawlDocument {
  return {
    markdown: text,
    metadata: {
      ...(title !== null && { title }),
      url,
      sourceURL: url,
      statusCode: httpStatus ?? 200,
      documentId,
    },
  };
}
