import type { HtmlScan } from './scan-html.ts';

const MAX_TITLE_LENGTH = 300;

/** A page's title: as it is shared (Open Graph), as structured data has it, `<title>`, its first heading, its file name. */
export function pageTitle(scan: HtmlScan, firstHeading: string | undefined, pageUrl: string): string {
  const candidates = [
    scan.meta.get('og:title'),
    jsonLdHeadline(scan.jsonLd),
    scan.title,
    firstHeading,
    nameOf(pageUrl),
  ];
  const title = candidates.map((text) => text?.replace(/\s+/g, ' ').trim()).find((text) => text);
  return (title ?? pageUrl).slice(0, MAX_TITLE_LENGTH);
}

export function nameOf(pageUrl: string): string {
  const { pathname, hostname } = new URL(pageUrl);
  const name = pathname.split('/').findLast((segment) => segment !== '') ?? hostname;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function jsonLdHeadline(blocks: readonly string[]): string | undefined {
  for (const block of blocks) {
    const headline = headlineOf(parseJson(block));
    if (headline !== undefined) return headline;
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Broken structured data is common and says nothing about the page.
    return undefined;
  }
}

function headlineOf(value: unknown): string | undefined {
  if (Array.isArray(value))
    return value
      .slice(0, 50)
      .map(headlineOf)
      .find((text) => text !== undefined);
  if (typeof value !== 'object' || value === null) return undefined;
  if ('headline' in value && typeof value.headline === 'string') return value.headline;
  return '@graph' in value && Array.isArray(value['@graph']) ? headlineOf(value['@graph']) : undefined;
}
