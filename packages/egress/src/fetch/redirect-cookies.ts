import type { IncomingHttpHeaders } from 'node:http';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly isForSubdomains: boolean;
  readonly path: string;
  readonly isSecure: boolean;
}

/** Longer headers are refused by many servers. */
const MAX_HEADER_LENGTH = 8192;
const MAX_COOKIES = 50;

/**
 * The cookies of one chain of redirects (RFC 6265 section 5), for pages that set one and redirect to themselves. They
 * end with the chain, so that no session reaches another page.
 */
export class RedirectCookies {
  readonly #cookies = new Map<string, Cookie>();

  store(url: URL, header: IncomingHttpHeaders[string]): void {
    for (const line of [header ?? []].flat()) this.#storeLine(url, line);
  }

  /** Value of the `Cookie` header; empty when no cookie belongs to the URL. */
  headerFor(url: URL): string {
    const matching = [...this.#cookies.values()].filter((cookie) => belongsTo(cookie, url));
    const header = matching.map(({ name, value }) => `${name}=${value}`).join('; ');
    return header.length > MAX_HEADER_LENGTH ? '' : header;
  }

  #storeLine(url: URL, line: string): void {
    const cookie = parseCookie(line, url);
    if (cookie === undefined) return;
    const key = [cookie.name, cookie.host, cookie.path].join(';');
    this.#cookies.delete(key);
    if (!isExpired(attributesOf(line)) && this.#cookies.size < MAX_COOKIES) this.#cookies.set(key, cookie);
  }
}

function parseCookie(line: string, url: URL): Cookie | undefined {
  const match = /^\s*([^=;]+?)\s*=\s*([^;]*?)\s*(?:;|$)/.exec(line);
  const attributes = attributesOf(line);
  const isSecure = attributes.has('secure');
  if (match === null || hasControls(line) || (isSecure && url.protocol !== 'https:')) return undefined;
  const { 1: name = '', 2: value = '' } = match;
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  const bare = url.hostname.replace(/^www\./, '');
  // A domain further up may belong to many sites (`co.uk`), which only a list of such names could tell.
  if (domain !== '' && domain !== bare && domain !== url.hostname) return undefined;
  const path = attributes.get('path') ?? '';
  return {
    name,
    value,
    host: domain || url.hostname,
    isForSubdomains: domain !== '',
    path: path.startsWith('/') ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/'))),
    isSecure,
  };
}

function attributesOf(line: string): ReadonlyMap<string, string> {
  return new Map(
    line
      .split(';')
      .slice(1)
      .map((part) => {
        const [name = '', ...value] = part.split('=');
        return [name.trim().toLowerCase(), value.join('=').trim()];
      }),
  );
}

/** `Max-Age` goes before `Expires`. */
function isExpired(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  return Date.parse(attributes.get('expires') ?? '') <= Date.now();
}

function hasControls(line: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for control characters.
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(line);
}

function belongsTo({ host, isForSubdomains, path, isSecure }: Cookie, url: URL): boolean {
  const isHost = url.hostname === host || (isForSubdomains && url.hostname.endsWith(`.${host}`));
  const folder = path.endsWith('/') ? path : `${path}/`;
  const isPath = url.pathname === path || url.pathname.startsWith(folder);
  return isHost && isPath && (!isSecure || url.protocol === 'https:');
}
