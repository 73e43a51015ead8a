const PERCENT_OR_NON_ASCII = /%[0-9a-f]{2}|[^\u0020-\u007e]+/gi;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * One spelling for each path or query, without changing what it means (RFC 3986 section 6.2.2): unreserved characters
 * unescaped, hexadecimal digits in upper case, everything outside ASCII escaped as UTF-8.
 */
export function normalizePercent(text: string): string {
  return text.replace(PERCENT_OR_NON_ASCII, (match) => {
    if (!match.startsWith('%')) return encodeURIComponent(match.toWellFormed());
    const character = String.fromCharCode(Number.parseInt(match.slice(1), 16));
    return UNRESERVED.test(character) ? character : match.toUpperCase();
  });
}
