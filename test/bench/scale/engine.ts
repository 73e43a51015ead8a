import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RagProcess, startRag } from '../support/rag-process.ts';
import { cpuOf, memoryOf } from '../support/service-process.ts';
import { createDatabase, type Database } from './database.ts';

/** A rag on one of the stores. Its data stay when the rag is started anew. */
export interface Engine extends AsyncDisposable {
  readonly name: 'SQLite' | 'PostgreSQL';
  readonly rag: RagProcess;
  /** Another rag on the same store. */
  another(env: NodeJS.ProcessEnv): Promise<RagProcess>;
  restart(env: NodeJS.ProcessEnv): Promise<void>;
  /** Processor time until now of rag, and of the server where it runs on this machine. */
  cpuMs(): Promise<{ readonly rag: number; readonly server: number }>;
  memoryMb(): Promise<{ readonly rag: number; readonly server: number | undefined }>;
  bytes(): Promise<number>;
}

export async function openEngines(server: string): Promise<readonly Engine[]> {
  return [await openEngine(undefined), await openEngine(await createDatabase(server))];
}

async function openEngine(database: Database | undefined): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-bench-scale-'));
  const store = database && { RAG_STORE: database.url, RAG_STORE_CONNECTIONS: '20' };
  let rag = await startRag({ XNAI_DATA_DIR: folder, ...store });
  return {
    name: database === undefined ? 'SQLite' : 'PostgreSQL',
    get rag() {
      return rag;
    },
    another: (env) => startRag({ ...env, ...store }),
    async restart(env) {
      await rag.stop();
      rag = await startRag({ XNAI_DATA_DIR: folder, ...store, ...env });
    },
    cpuMs: async () => ({ rag: await cpuOf(rag.pid), server: (await database?.cpuMs()) ?? 0 }),
    memoryMb: async () => ({ rag: (await memoryOf(rag.pid)).rssMb, server: await database?.memoryMb() }),
    bytes: () => database?.bytes() ?? sizeOf(folder),
    async [Symbol.asyncDispose]() {
      await rag.stop();
      await database?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((all, size) => all + size, 0);
}
