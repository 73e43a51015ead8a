import { createHash } from 'node:crypto';
import type { FetchResponse } from '@xnai/egress';
import { PageError } from '../page-error.ts';
import type { ExtractPool } from './extract-pool.ts';
import type { ExtractedPage } from './extract-thread.ts';
import { type PageType, pageTypeOf } from './page-type.ts';
import { nameOf } from './read-page.ts';
import { readDirectives } from './robots-directives.ts';

/** A fetched document as it goes on to rag: read already, or as a file that rag reads in a process of its own. */
export interface FoundDocument extends Omit<ExtractedPage, 'documentJson'> {
  /** Absent for a file. */
  readonly documentJson?: string;
  readonly pageType: PageType;
  /** The end of its address, or the name that the server gives it. */
  readonly fileName: string;
}

/** @throws {PageError} as `readPage`, and `content-type` for what is not read */
export async function readResponse(
  pool: ExtractPool,
  response: FetchResponse,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<FoundDocument> {
  const { url, charset, body, isRendered, headers, redirects } = response;
  const pageType = pageTypeOf(response);
  if (pageType === undefined) throw new PageError('content-type', { url });
  const robotsHeaders = headers['x-robots-tag'];
  const fileName = response.fileName ?? nameOf(url);
  if (!pageType.isFile) {
    const isRedirected = redirects.length > 0;
    const about = { isRedirected, isRendered, robotsHeaders };
    const { contentType: mime, language } = pageType;
    const input = { url, mime, language, charset, body, ...about };
    return { ...(await pool.extract(input, options)), pageType, fileName };
  }
  return {
    title: fileName,
    links: [],
    ...readDirectives(robotsHeaders, []),
    textHash: createHash('sha256').update(body).digest('base64'),
    losses: [],
    isEmpty: body.length === 0,
    pageType,
    fileName,
  };
}
