/** Where a page sends its readers, and after how many seconds. */
export interface Refresh {
  readonly seconds: number;
  /** Absolute http(s) URL, without fragment. */
  readonly url: string;
}

/**
 * A `Refresh` header or the content of `<meta http-equiv=refresh>`, read as browsers read it
 * (https://html.spec.whatwg.org/#shared-declarative-refresh-steps); undefined when it names no page to go to.
 */
export function parseRefresh(value: string, base: string | undefined): Refresh | undefined {
  const match = /^\s*(?:(\d+)[\d.]*|\.[\d.]*)(?:\s*[;,]\s*|\s+)(\S.*)$/s.exec(value);
  if (match === null) return undefined;
  const url = URL.parse(targetOf(match[2] ?? ''), base);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = '';
  return { seconds: Number(match[1] ?? 0), url: url.href };
}

/** `url=` and quotes are customary around the target, and optional. */
function targetOf(text: string): string {
  const bare = text.replace(/^url\s*=\s*/i, '');
  const [quote] = bare;
  if (quote !== '"' && quote !== "'") return bare.trim();
  return bare.slice(1).split(quote, 1)[0]?.trim() ?? '';
}
