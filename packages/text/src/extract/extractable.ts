export const HTML_TYPES: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml', '']);
const TEXT_TYPES: ReadonlySet<string> = new Set(['text/plain', 'text/markdown', 'text/x-markdown']);

/** Types that `extractBody` reads. A response without a type is tried as HTML. */
export function isExtractable(mime: string): boolean {
  return HTML_TYPES.has(mime) || TEXT_TYPES.has(mime);
}
