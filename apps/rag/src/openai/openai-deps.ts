import type { Models } from '@xnai/inference';
import type { Ask } from '../ask/ask.ts';
import type { Store } from '../store/store.ts';

export interface OpenAiDeps {
  readonly models: Models;
  readonly ask: Ask;
  readonly store: Pick<Store, 'listCollections'>;
  /** Undefined where there is no console to link to. */
  readonly consoleFolder: string | undefined;
  /** Undefined: the address that a request was sent to. */
  readonly publicUrl: string | undefined;
}

/** 100,000 tokens of text are to be refused by their count, not by their bytes. */
export const BODY_LIMIT_BYTES = 4 * 1024 ** 2;
