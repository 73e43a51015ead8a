interface Placed {
  readonly title: string | null;
  readonly heading: readonly string[];
  readonly url: string | null;
  readonly document_id: string;
  readonly page?: number | undefined;
  readonly page_unit?: string | undefined;
}

/** Where something stands, for a reader: `Tides > High water, page 3, https://example.org/tides (document 7f3a)`. */
export function placeText({ title, heading, url, document_id, page, page_unit = 'page' }: Placed): string {
  const path = [title, ...heading.filter((part) => part !== title)].filter(
    (part) => part !== null && part !== '',
  );
  const parts = [path.join(' > '), page === undefined ? '' : `${page_unit} ${page}`, url ?? ''];
  return `${parts.filter((part) => part !== '').join(', ')} (document ${document_id})`.trimStart();
}
