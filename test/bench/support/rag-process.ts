import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRagClient, type RagClient } from '@xnai/contracts/client';
import { freePort, type ServiceProcess, type StartServiceOptions, startService } from './service-process.ts';

export interface RagProcess extends ServiceProcess {
  readonly client: RagClient;
  readonly key: string;
}

/** A rag of our own on a free port, with an empty index that is deleted when it stops. */
export async function startRag(
  env: NodeJS.ProcessEnv = {},
  { root, within }: Pick<StartServiceOptions, 'root' | 'within'> = {},
): Promise<RagProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-bench-rag-'));
  const key = `xnai_${randomBytes(32).toString('base64url')}`;
  const port = await freePort();
  const service = await startService({
    name: 'rag',
    url: `http://127.0.0.1:${port}`,
    root,
    within,
    env: {
      RAG_PORT: String(port),
      XNAI_DATA_DIR: folder,
      XNAI_API_KEY: key,
      XNAI_RATE_LIMIT: '0',
      XNAI_LOG_LEVEL: 'warn',
      RAG_GENERATE_MODEL: 'none',
      RAG_EMBED_MODEL: 'none',
      ...env,
    },
  });
  const stop = async () => {
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    ...service,
    key,
    client: createRagClient({ baseUrl: service.url, key }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
