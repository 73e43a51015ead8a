import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createRagClient, type RagClient } from '@xnai/contracts/client';
import { generateKey } from '@xnai/service';
import { root } from '../root.ts';
import { BackupError } from './backup-error.ts';

export interface SecondRag extends AsyncDisposable {
  readonly client: RagClient;
}

const UP_MS = 120_000;
const STOP_MS = 15_000;

/**
 * Starts rag beside another one: on a free port of loopback, on data of its own, without Redis and without a model.
 *
 * @throws {BackupError} TORN when it does not start: the reason is the end of its log
 */
export async function startSecondRag(dataDir: string, signal: AbortSignal): Promise<SecondRag> {
  const key = generateKey();
  const child = spawn(process.execPath, [join(root, 'apps/rag/src/main.ts')], {
    env: {
      RAG_PORT: '0',
      RAG_GENERATE_MODEL: 'none',
      RAG_EMBED_MODEL: 'none',
      RAG_RERANK_MODEL: 'none',
      XNAI_DATA_DIR: dataDir,
      XNAI_API_KEY: key,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(UP_MS)]);
  const up = Promise.withResolvers<string>();
  let log = '';
  const take = (text: Buffer) => {
    log = (log + text).slice(-10_000);
    const url = /Server listening at (http:\/\/[^"\s]+)/.exec(log)?.[1];
    if (url !== undefined) up.resolve(url);
  };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', take);
  const fail = () =>
    up.reject(
      new BackupError('TORN', { detail: `A second rag does not start on the backup:\n${log.slice(-1000)}` }),
    );
  void ended.then(fail);
  limit.addEventListener('abort', fail, { once: true });
  try {
    const baseUrl = await up.promise;
    return { client: createRagClient({ baseUrl, key }), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
