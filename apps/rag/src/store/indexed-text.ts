import type { Chunk } from '@xnai/text';
import type { NewDocument } from './store.ts';

export interface IndexedText {
  readonly title: string;
  readonly heading: string;
  readonly body: string;
  readonly context: string;
}

/** The words under which a chunk is found. A heading that repeats the title, and where links lead, count for nothing. */
export function indexedText(
  chunk: Pick<Chunk, 'heading' | 'text' | 'context'>,
  { title, inline }: Pick<NewDocument, 'title' | 'inline'>,
): IndexedText {
  const heading = chunk.heading.filter((name) => name !== title).join(' ');
  const body =
    inline === 'markdown' && chunk.text.includes('](') ? chunk.text.replace(LINK_TARGET, ']') : chunk.text;
  return { title: title ?? '', heading, body, context: chunk.context };
}

/** The address in `[text](address "title")`, where it looks like one. */
const LINK_TARGET = /\]\((?:[a-z][a-z0-9+.-]*:|\/|#|\.{1,2}\/|[\w.-]+\/)[^\s()]*(?:\s+"[^"\n]*")?\)/gi;
