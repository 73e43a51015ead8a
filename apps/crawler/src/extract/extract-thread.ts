import { flushCompileCache } from 'node:module';
import { threadTask } from '@xnai/service/thread-task';
import { decodeText, ExtractError } from '@xnai/text';
import { type ExtractedPage, type ExtractInput, extractBody } from '@xnai/text/extract';
import { readPageFacts } from '@xnai/text/page-facts';
import { ROBOTS_NAME, type RobotsDirectives, readDirectives } from './robots-directives.ts';

export interface PageInput extends ExtractInput {
  /** The `X-Robots-Tag` headers. */
  readonly robotsHeaders?: string | readonly string[] | undefined;
}

export interface ReadPage extends Pick<ExtractedPage, 'title' | 'markdown'>, RobotsDirectives {
  readonly links: readonly string[];
  readonly canonicalUrl: string | undefined;
}

/** A page that cannot be extracted is a result: the class of an error does not cross threads. */
type ExtractResult = { readonly page: ReadPage } | { readonly code: ExtractError['code'] };

export const extract = threadTask((input: PageInput): ExtractResult => {
  try {
    return { page: readPage(input) };
  } catch (error) {
    if (error instanceof ExtractError) return { code: error.code };
    throw error;
  }
});

function readPage({ robotsHeaders, ...input }: PageInput): ReadPage {
  const { title, markdown } = extractBody(input);
  const isHtml = input.mime === 'text/html' || input.mime === 'application/xhtml+xml';
  const html = isHtml ? decodeText(input.body, input.charset) : '';
  const { links, canonicalUrl, robots } = readPageFacts(html, {
    url: input.url,
    robotsNames: ['robots', ROBOTS_NAME],
  });
  return { title, markdown, links, canonicalUrl, ...readDirectives(robotsHeaders, robots) };
}

// Threads are killed rather than left to end, which would lose the code that they compiled.
flushCompileCache();
