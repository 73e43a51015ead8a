/** `web`: to put, list and delete pages of the web alone, as the crawler does in rag. */
export const SCOPES = ['query', 'ingest', 'web', 'crawl', 'admin', 'metrics'] as const;
export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
