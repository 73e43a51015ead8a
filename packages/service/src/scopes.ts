export const SCOPES = ['query', 'ingest', 'crawl', 'admin', 'metrics'] as const;
export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
