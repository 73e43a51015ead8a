import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeEnd, forkChild } from '@xnai/service/child';
import { root } from '../root.ts';
import { DatabaseLook } from './facts.ts';

const MODULE = pathToFileURL(join(root, 'apps/rag/src/look/main.ts'));
const LOOK_MS = 15_000;

export interface DatabaseLogin {
  /** `postgres://USER@HOST:PORT/DATABASE`. */
  readonly url: string;
  /** In place of the one in the URL. */
  readonly password: string | undefined;
}

/**
 * Looks at the database of a store in a process of rag, which alone knows stores. Nothing is changed.
 *
 * @throws {Error} when that process says nothing
 */
export async function lookAtDatabase({ url, password }: DatabaseLogin): Promise<DatabaseLook> {
  const looked = Promise.withResolvers<DatabaseLook>();
  await using child = forkChild<never, unknown>(MODULE, {
    env: { RAG_STORE: url, RAG_STORE_PASSWORD: password },
    signal: AbortSignal.timeout(LOOK_MS),
    onMessage: (message) => looked.resolve(DatabaseLook.parse(message)),
  });
  const failed = child.ended.then((end): never => {
    throw new Error(end.stderrTail.trim() || describeEnd(end));
  });
  return await Promise.race([looked.promise, failed]);
}
