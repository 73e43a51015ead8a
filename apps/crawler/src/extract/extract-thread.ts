import { createHash } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import type { Loss } from '@xnai/contracts';
import { threadTask } from '@xnai/service/thread-task';
import { type PageInput, type ReadPage, readPage } from './read-page.ts';

/** A page as it leaves its thread: ready to be sent, because thousands of blocks would be expensive to copy. */
export interface ExtractedPage extends Omit<ReadPage, 'document'> {
  /** The `TextDocument` in JSON. */
  readonly documentJson: string;
  /** SHA-256 of its text, in base64. */
  readonly textHash: string;
  readonly losses: readonly Loss[];
  /** Whether it has no text at all. */
  readonly isEmpty: boolean;
}

/** @throws {PageError} as `readPage`; its class does not cross threads, and its code does */
export const extract = threadTask((input: PageInput): ExtractedPage => {
  const { document, ...page } = readPage(input);
  return {
    ...page,
    documentJson: JSON.stringify(document),
    textHash: createHash('sha256').update(document.text).digest('base64'),
    losses: document.losses,
    isEmpty: document.blocks.length === 0,
  };
});

// Threads are killed rather than left to end, which would lose the code that they compiled.
flushCompileCache();
