import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RagProcess, startRag } from '../support/rag-process.ts';
import { cpuOf, memoryOf } from '../support/service-process.ts';
import { type Database, hasTextsearch, openDatabase } from './database.ts';

/** PostgreSQL finds terms by its postings, or through the extension. */
export type EngineName = 'SQLite' | 'PostgreSQL' | 'PostgreSQL with pg_textsearch';

/** A rag on one of the stores. Its data stay when the rag is started anew. */
export interface Engine extends AsyncDisposable {
  readonly name: EngineName;
  readonly rag: RagProcess;
  /** Another rag on the same store. */
  another(env: NodeJS.ProcessEnv): Promise<RagProcess>;
  restart(env: NodeJS.ProcessEnv): Promise<void>;
  /** Processor time until now of rag, and of the server where it runs on this machine. */
  cpuMs(): Promise<{ readonly rag: number; readonly server: number }>;
  memoryMb(): Promise<{ readonly rag: number; readonly server: number | undefined }>;
  bytes(): Promise<number>;
  /** Waits until searches by vectors are as fast as they get. */
  untilIndexed(): Promise<void>;
}

/** @param kept is the name under which the data are kept, and found again; undefined: they go at the end */
export async function openEngines(server: string, kept: string | undefined): Promise<readonly Engine[]> {
  const engines = [
    await openEngine('SQLite', kept),
    await openEngine('PostgreSQL', kept, await openDatabase({ server, kept })),
  ];
  if (!(await hasTextsearch(server))) return engines;
  const other = kept && `${kept}_textsearch`;
  const database = await openDatabase({ server, extensions: ['pg_textsearch'], kept: other });
  return [...engines, await openEngine('PostgreSQL with pg_textsearch', other, database)];
}

async function openEngine(name: EngineName, kept: string | undefined, database?: Database): Promise<Engine> {
  const folder = await dataFolder(kept && `${kept}-${database === undefined ? 'file' : 'server'}`);
  const store = database && { RAG_STORE: database.url, RAG_STORE_CONNECTIONS: '20' };
  let rag = await startRag({ XNAI_DATA_DIR: folder, ...store });
  return {
    name,
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
    untilIndexed: async () => database?.untilIndexed(),
    async [Symbol.asyncDispose]() {
      await rag.stop();
      await database?.[Symbol.asyncDispose]();
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

const KEPT = fileURLToPath(new URL('../../../.cache/bench/scale', import.meta.url));

async function dataFolder(kept: string | undefined): Promise<string> {
  if (kept === undefined) return await mkdtemp(join(tmpdir(), 'xnai-bench-scale-'));
  const folder = join(KEPT, kept);
  await mkdir(folder, { recursive: true });
  return folder;
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((all, size) => all + size, 0);
}
