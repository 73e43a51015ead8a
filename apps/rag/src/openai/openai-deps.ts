import type { Models } from '@xnai/inference';
import type { Ask } from '../ask/ask.ts';
import type { Store } from '../store/store.ts';

export interface OpenAiDeps {
  readonly models: Models;
  readonly ask: Ask;
  readonly store: Pick<Store, 'listCollections'>;
}

/** 100,000 tokens of text are to be refused by their count, not by their bytes. */
export const BODY_LIMIT_BYTES = 4 * 1024 ** 2;
