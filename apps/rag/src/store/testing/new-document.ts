import { parseDocument } from '@xnai/text/parse-document';
import type { NewDocument } from '../store.ts';

/** For tests: a parsed document in the collection `default`. */
export function newDocument(id: string, content: string, changes: Partial<NewDocument> = {}): NewDocument {
  const { text, title, chunks } = parseDocument(content, changes.contentType ?? 'text/markdown');
  const base = {
    collection: 'default',
    id,
    title,
    url: undefined,
    contentType: 'text/markdown',
    metadata: {},
  } as const;
  return { ...base, contentHash: `hash of ${content}`, text, chunks, ...changes };
}
