import { existsSync, writeFileSync } from 'node:fs';
import { threadTask } from '@xnai/service/thread-task';
import type { ExtractedPage } from '../extract/extract-thread.ts';
import type { PageInput } from '../extract/read-page.ts';

/** Ends its thread at the first page, and leaves a file at the page's path so that the next thread reads it. */
export const extract = threadTask(({ url }: PageInput) => {
  const { pathname } = new URL(url);
  if (!existsSync(pathname)) {
    writeFileSync(pathname, '');
    process.exit(3);
  }
  return { title: 'second try' } as ExtractedPage;
});
