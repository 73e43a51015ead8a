import { createHash } from 'node:crypto';
import { normalizePercent } from '@xnai/egress';
import { hashRouteOf } from '@xnai/text/hash-route';

export interface CanonicalUrlOptions {
  readonly ignoreQueryParameters?: boolean | undefined;
}

/** They identify the source of a visit, never the page. */
const TRACKING_PARAMETER =
  /^(utm_\w+|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|mkt_tok|vero_id|oly_anon_id|oly_enc_id|s_cid|srsltid)$/i;
/** Names that frameworks give to sessions. A bare `sid` or `id` may well be the page itself. */
const SESSION_PARAMETER =
  /^(phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken|oscsid|zenid|sessionid|session_id)$/i;
const SESSION_IN_PATH = /;jsessionid=[^/?]*/gi;

/**
 * One spelling for each page, so that it is fetched, stored and cited once. Only what cannot change which page is
 * meant is changed (RFC 3986 section 6.2.2 and 6.2.3): case of scheme and host, default port, dot segments, spelling
 * of percent-escapes, fragment (unless it is a route of scripts), trailing dot of the host, tracking and session parameters. Kept as they are, since
 * servers do tell them apart: `www.`, http and https, trailing slash, `index.html`, order of parameters, case of paths.
 *
 * @throws {TypeError} when `url` is not a URL
 */
export function canonicalUrl(url: string | URL, options: CanonicalUrlOptions = {}): string {
  const canonical = new URL(url);
  canonical.hash = hashRouteOf(canonical);
  if (canonical.hostname.endsWith('.')) canonical.hostname = canonical.hostname.slice(0, -1);
  canonical.pathname = normalizePercent(canonical.pathname.replace(SESSION_IN_PATH, ''));
  canonical.search = options.ignoreQueryParameters ? '' : canonicalQuery(canonical.search);
  return canonical.href;
}

/** Id of the document that a page becomes: the first 32 hex digits of the SHA-256 of its canonical URL. */
export function documentId(url: string): string {
  return createHash('sha256').update(canonicalUrl(url)).digest('hex').slice(0, 32);
}

/** Works on the text: a round trip through URLSearchParams would respell parameters that are kept. */
function canonicalQuery(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '' && !isNoise(parameter.split('=', 1)[0] ?? ''));
  return kept.length === 0 ? '' : `?${normalizePercent(kept.join('&'))}`;
}

function isNoise(name: string): boolean {
  return TRACKING_PARAMETER.test(name) || SESSION_PARAMETER.test(name);
}
