import { MAX_QUERY_CHARS } from '@xnai/contracts';

/** The query as rag takes it: cut at the last whole word that fits. */
export function clipQuery(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length <= MAX_QUERY_CHARS) return trimmed;
  const cut = trimmed.lastIndexOf(' ', MAX_QUERY_CHARS);
  return trimmed.slice(0, cut > 0 ? cut : MAX_QUERY_CHARS).trim();
}
