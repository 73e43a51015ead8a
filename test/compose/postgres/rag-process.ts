import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRagClient, type RagClient } from '@xnai/contracts/client';
import { findFreePorts, waitUntil } from '@xnai/testing';
import { commandEnv, TEST_KEY } from '../../support/stack.ts';

const MAIN = fileURLToPath(new URL('../../../apps/rag/src/main.ts', import.meta.url));

export interface RagProcess extends AsyncDisposable {
  readonly client: RagClient;
  /** The lines of its log, parsed. */
  readonly log: () => readonly Record<string, unknown>[];
  get(path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
}

/** rag on a database, as a process of its own. Its embedding model is a server that is not there. */
export async function startRag(
  store: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RagProcess> {
  const [port = 0] = await findFreePorts(1);
  const started = await spawnRag(store, {
    RAG_PORT: String(port),
    RAG_EMBED_URL: 'http://127.0.0.1:1/v1',
    ...env,
  });
  const url = `http://127.0.0.1:${port}`;
  const end = async () => {
    started.child.kill('SIGTERM');
    await started.ended();
  };
  await untilListening(started).catch(async (error) => {
    await end();
    throw error;
  });
  return {
    client: createRagClient({ baseUrl: url, key: TEST_KEY }),
    log: () => started.log().split('\n').flatMap(parsed),
    get: async (path) => {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${TEST_KEY}` } });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    [Symbol.asyncDispose]: end,
  };
}

function untilListening({ child, log, said }: Awaited<ReturnType<typeof spawnRag>>): Promise<boolean> {
  return waitUntil('rag listens', () => {
    if (child.exitCode !== null) throw new Error(`rag has ended: ${said()}`);
    return log().includes('listening');
  });
}

/** What it says at a start that fails, after which its exit code is 1. */
export async function failedStart(
  store: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { said, ended } = await spawnRag(store, { RAG_EMBED_MODEL: 'none', RAG_PORT: '1', ...env });
  const code = await ended();
  if (code !== 1) throw new Error(`rag ended with ${code}: ${said()}`);
  return said().trim();
}

async function spawnRag(store: string, env: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-rag-'));
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...commandEnv(),
      XNAI_DATA_DIR: folder,
      XNAI_API_KEY: TEST_KEY,
      XNAI_RATE_LIMIT: '0',
      RAG_GENERATE_MODEL: 'none',
      RAG_RERANK_MODEL: 'none',
      RAG_STORE: store,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = collect(child.stdout);
  const said = collect(child.stderr);
  const exited = once(child, 'exit');
  return {
    child,
    log,
    said,
    ended: async () => {
      const [code] = await exited;
      await rm(folder, { recursive: true, force: true });
      return code as number | null;
    },
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (data: Buffer) => {
    text += data.toString();
  });
  return () => text;
}

function parsed(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
