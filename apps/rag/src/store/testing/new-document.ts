import { chunkDocument } from '@xnai/text/chunk';
import { readMarkdown } from '@xnai/text/markdown';
import { readPlainText } from '@xnai/text/plain-text';
import { readingOf } from '../../blocks/reading.ts';
import type { NewDocument } from '../store.ts';

/** For tests: a parsed document in the collection `default`. */
export function newDocument(id: string, content: string, changes: Partial<NewDocument> = {}): NewDocument {
  const document = changes.contentType === 'text/plain' ? readPlainText(content) : readMarkdown(content);
  const base = {
    collection: 'default',
    id,
    title: document.title,
    url: undefined,
    contentType: 'text/markdown',
    metadata: {},
  } as const;
  return {
    ...base,
    contentHash: `hash of ${content}`,
    ...readingOf(document, chunkDocument(document)),
    ...changes,
  };
}
