import {
  BatchRequest,
  CrawlRequest,
  MapRequest,
  ScrapeRequest,
  type WebhookEventName,
} from '@xnai/contracts';
import { ServiceError, validateFields } from '@xnai/service';
import { z } from 'zod';
import type { StoredBatch } from '../batch/batch-store.ts';
import type { PageRequest } from '../scrape/page.ts';

/**
 * The requests of Firecrawl's version 2 as its SDK sends them, turned into our own. Fields that cannot change the result
 * (`origin`, `integration`, `maxAge`, …) are ignored, as are unknown ones; fields that would, and are not offered, are
 * refused by name.
 */
const OWN_RULES: Readonly<Record<string, string>> = {
  actions: 'pages are read, and nothing is clicked in them',
  proxy: 'all traffic goes through the egress of this crawler',
  headers: 'requests carry the headers of this crawler',
  mobile: 'pages are read as on a desktop',
  location: 'pages are read from where this crawler is',
  includeTags: 'the main content is found by itself',
  excludeTags: 'the main content is found by itself',
  skipTlsVerification: 'certificates are always checked',
  minAge: 'nothing is kept that could be that old',
  lockdown: 'nothing is kept that could be served',
  profile: 'no browser profile is kept',
  redactPII: 'pages are given as they are',
  threatProtection: 'there is no such service',
  domainTools: 'there is no such service',
  prompt: 'no model chooses what is crawled',
  schema: 'no model extracts fields',
  regexOnFullURL: 'patterns are matched against the path',
  robotsUserAgent: 'robots.txt is read for XoeNovAI',
  ignoreRobotsTxt: 'robots.txt is obeyed',
  appendToId: 'a batch has the URLs that it began with',
};

const isSet = (value: unknown) =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  !(typeof value === 'object' && Object.keys(value).length === 0);

/** @throws {ServiceError} VALIDATION that names the field */
function refuse(path: string, why: string): never {
  const message = `${path} is not offered here: ${why}`;
  throw new ServiceError('VALIDATION', { detail: message, errors: [{ path, message }] });
}

function refuseFields(body: object, prefix = ''): void {
  for (const [name, value] of Object.entries(body))
    if (name in OWN_RULES && isSet(value)) refuse(prefix + name, OWN_RULES[name] ?? '');
  if ('onlyMainContent' in body && body.onlyMainContent === false)
    refuse(`${prefix}onlyMainContent`, 'the main content is what a page is read for');
  if ('parsers' in body && Array.isArray(body.parsers) && body.parsers.some((one) => typeof one === 'object'))
    refuse(`${prefix}parsers`, 'files are read in one way; "pdf" is a part of it');
}

/** Fields as they come, each checked where it becomes one of our own. */
const Fields = z.looseObject({});

const Limits = z.object({ timeout: z.int().min(1).max(3_600_000).optional() });

/** @throws {ServiceError} VALIDATION, in the words of all routes */
function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const checked = validateFields(schema, value);
  if ('error' in checked) throw checked.error;
  return checked.value;
}

const FORMATS: Readonly<Record<string, ScrapeRequest['formats'][number]>> = {
  markdown: 'markdown',
  html: 'html',
  rawHtml: 'html',
  links: 'links',
  screenshot: 'screenshot',
};

interface Formats {
  /** As the client names them. */
  readonly asked: readonly string[];
  readonly own: ScrapeRequest['formats'];
}

function formatsOf(given: unknown, path: string): Formats {
  const list = given === undefined ? ['markdown'] : check(z.array(z.unknown()), given);
  const asked = list.map((format) => {
    const { type, ...options } = typeof format === 'string' ? { type: format } : check(Fields, format);
    const name = String(type);
    if (!(name in FORMATS))
      refuse(path, `of the formats, "${name.slice(0, 50)}" is not among ${Object.keys(FORMATS).join(', ')}`);
    if (Object.values(options).some(isSet)) refuse(path, `"${name}" takes no options`);
    return name;
  });
  const own = new Set(asked.map((name) => FORMATS[name] ?? 'markdown'));
  return { asked, own: own.size === 0 ? ['markdown'] : [...own] };
}

/** Firecrawl gives a page with its status, whatever that is: only what could not be fetched fails. */
const AS_FIRECRAWL = { takesErrorPages: true } as const;

export interface ScrapeWish {
  readonly request: PageRequest;
  readonly formats: readonly string[];
  /** Limit of the whole scrape. */
  readonly timeoutMs: number | undefined;
}

/** @throws {ServiceError} VALIDATION */
export function toScrape(body: unknown, prefix = ''): ScrapeWish {
  const { url, formats, waitFor, timeout, ...rest } = check(Fields, body);
  refuseFields(rest, prefix);
  const { asked, own } = formatsOf(formats, `${prefix}formats`);
  return {
    request: {
      ...check(ScrapeRequest, { url, formats: own, waitFor: waitFor ?? undefined }),
      ...AS_FIRECRAWL,
    },
    formats: asked,
    timeoutMs: check(Limits, { timeout: timeout ?? undefined }).timeout,
  };
}

/** @throws {ServiceError} VALIDATION */
export function toBatch(body: unknown): {
  readonly request: StoredBatch;
  readonly invalidUrls: readonly string[];
} {
  const { urls, formats, waitFor, webhook, ignoreInvalidURLs = true, ...rest } = check(Fields, body);
  refuseFields(rest);
  if (isSet(webhook)) refuse('webhook', 'a batch is polled; webhooks are for crawls');
  const given = check(z.array(z.string()), urls);
  const invalidUrls = given.filter((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''));
  if (ignoreInvalidURLs !== true && invalidUrls.length > 0)
    refuse('urls', `${invalidUrls[0]} is no http(s) address`);
  const { own } = formatsOf(formats, 'formats');
  const wanted = given.filter((url) => !invalidUrls.includes(url));
  const request = check(BatchRequest, { urls: wanted, formats: own, waitFor: waitFor ?? undefined });
  return { request: { ...request, ...AS_FIRECRAWL }, invalidUrls };
}

const CRAWL_FIELDS = [
  'url',
  'includePaths',
  'excludePaths',
  'maxDiscoveryDepth',
  'crawlEntireDomain',
  'allowSubdomains',
  'allowExternalLinks',
  'sitemap',
  'ignoreQueryParameters',
  'delay',
  'maxConcurrency',
] as const;

/** As Firecrawl has it. */
const CRAWL_LIMIT = 10_000;

/** @throws {ServiceError} VALIDATION */
export function toCrawl(body: unknown): CrawlRequest {
  const { scrapeOptions, webhook, limit = CRAWL_LIMIT, ...rest } = check(Fields, body);
  refuseFields(rest);
  const options = check(Fields, scrapeOptions ?? {});
  const { formats, waitFor, ...others } = options;
  refuseFields(others, 'scrapeOptions.');
  if (formatsOf(formats, 'scrapeOptions.formats').own.some((format) => format !== 'markdown'))
    refuse('scrapeOptions.formats', 'a crawl keeps Markdown; scrape and batch scrape give other formats');
  return check(CrawlRequest, {
    ...pick(rest, CRAWL_FIELDS),
    limit,
    waitFor: waitFor ?? undefined,
    webhook: webhook === undefined || webhook === null ? undefined : toWebhook(webhook),
  });
}

function toWebhook(webhook: unknown) {
  if (typeof webhook === 'string') return { url: webhook };
  const { url, headers, metadata, events } = check(Fields, webhook);
  if (isSet(headers)) refuse('webhook.headers', 'a webhook is signed instead');
  const names = events as WebhookEventName[] | undefined;
  return { url, ...(isSet(metadata) && { metadata }), ...(isSet(names) && { events: names }) };
}

/** @throws {ServiceError} VALIDATION */
export function toMap(body: unknown): MapRequest {
  const { includeSubdomains = true, ignoreQueryParameters = true, ...rest } = check(Fields, body);
  refuseFields(rest);
  return check(MapRequest, {
    ...pick(rest, ['url', 'search', 'sitemap', 'limit']),
    crawlEntireDomain: true,
    allowSubdomains: includeSubdomains,
    ignoreQueryParameters,
  });
}

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (isGiven(from[name]) ? [[name, from[name]]] : [])));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
