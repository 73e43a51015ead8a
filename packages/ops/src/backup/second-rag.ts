import { join } from 'node:path';
import { createRagClient, type RagClient } from '@xnai/contracts/client';
import { generateKey } from '@xnai/service';
import { spawnChild } from '@xnai/service/child';
import { root } from '../root.ts';
import { BackupError } from './backup-error.ts';

export interface SecondRag extends AsyncDisposable {
  readonly client: RagClient;
}

const UP_MS = 120_000;
const STOP_MS = 15_000;
const LOG_CHARS = 10_000;

/**
 * Starts rag beside another one: on a free port of loopback, on data of its own, without Redis and without a model.
 *
 * @throws {BackupError} TORN when it does not start: the reason is the end of its log
 */
export async function startSecondRag(dataDir: string, signal: AbortSignal): Promise<SecondRag> {
  const key = generateKey();
  const up = Promise.withResolvers<string>();
  let log = '';
  const child = spawnChild('/bin/sh', {
    // Its log goes to where the end of it is kept.
    args: ['-c', 'exec "$0" "$@" >&2', process.execPath, join(root, 'apps/rag/src/main.ts')],
    env: {
      RAG_PORT: '0',
      RAG_GENERATE_MODEL: 'none',
      RAG_EMBED_MODEL: 'none',
      RAG_RERANK_MODEL: 'none',
      XNAI_DATA_DIR: dataDir,
      XNAI_API_KEY: key,
    },
    onStderr(text) {
      log = (log + text).slice(-LOG_CHARS);
      const url = /Server listening at (http:\/\/[^"\s]+)/.exec(log)?.[1];
      if (url !== undefined) up.resolve(url);
    },
    signal,
    graceMs: STOP_MS,
  });
  const late = setTimeout(() => void child.stop(), UP_MS);
  void child.ended.then(({ stderrTail }) => {
    const detail = `A second rag does not start on the backup:\n${stderrTail.slice(-1000)}`;
    up.reject(new BackupError('TORN', { detail }));
  });
  try {
    const baseUrl = await up.promise;
    return {
      client: createRagClient({ baseUrl, key }),
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  } finally {
    clearTimeout(late);
  }
}
