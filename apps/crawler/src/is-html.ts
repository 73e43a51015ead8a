const HTML_TYPES: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml', '']);

/** Whether a response of this media type is a page; without one it is taken for a page, as browsers do. */
export function isHtml(mediaType: string): boolean {
  return HTML_TYPES.has(mediaType);
}
