import { type MapLink, MapRequest, MapResult } from '@xnai/contracts';
import type { App } from '@xnai/service';
import type { SurveyedUrl } from '../scrape/survey.ts';
import { admitWork } from './admit-work.ts';
import type { ScrapeRouteDeps } from './scrape.ts';

export function addMap(app: App, { sendOut, memory }: ScrapeRouteDeps): void {
  const schema = {
    body: MapRequest,
    response: { 200: MapResult },
    summary: 'The addresses of a site, from its sitemaps and links; nothing is indexed',
  };
  app.post(
    '/v1/map',
    { config: { scope: 'crawl' }, onRequest: admitWork(memory), schema },
    async ({ body, signal }) => mapSite(sendOut, body, signal),
  );
}

/** @throws {ServiceError} as `sendOut` does */
export async function mapSite(
  sendOut: ScrapeRouteDeps['sendOut'],
  { search, ...request }: MapRequest,
  signal: AbortSignal,
): Promise<MapResult> {
  const limit = search === undefined ? request.limit : MAX_SEARCHED;
  const { urls, degraded, warning } = await sendOut('survey', { ...request, limit }, signal);
  const taken = urls.filter(({ reason }) => reason === undefined);
  const links = search === undefined ? taken : rank(taken, search);
  return {
    links: links.slice(0, request.limit).map(toLink),
    degraded,
    ...(warning !== undefined && { warning }),
  };
}

/** A search looks through all that the site lists. */
const MAX_SEARCHED = 50_000;

function rank(urls: readonly SurveyedUrl[], search: string): SurveyedUrl[] {
  const words = search.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const scored = urls.map((entry) => {
    const text = `${decoded(entry.url)} ${entry.title ?? ''}`.toLowerCase();
    return { entry, score: words.filter((word) => text.includes(word)).length };
  });
  const found = scored.filter(({ score }) => score > 0);
  return found.sort((a, b) => b.score - a.score).map(({ entry }) => entry);
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function toLink({ url, title, lastmod }: SurveyedUrl): MapLink {
  return { url, ...(title !== undefined && { title }), ...(lastmod !== undefined && { lastmod }) };
}
