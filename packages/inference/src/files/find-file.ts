import type { ObjectStore } from '@xnai/object-store';
import { findHubFile } from './hub.ts';
import type { FetchedSource } from './model-source.ts';
import { findObject } from './object.ts';
import type { SourceFile } from './source-file.ts';

export interface FindOptions {
  /** Of the model hub. */
  readonly endpoint: string;
  readonly objectStore: ObjectStore | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the source which file is meant, and what is true of it.
 *
 * @throws {ModelFetchError} NOT_FOUND when there is no single file that matches
 */
export function findFile(source: FetchedSource, options: FindOptions): Promise<SourceFile> {
  return source.kind === 'hub' ? findHubFile(source, options) : findObject(source, options);
}
