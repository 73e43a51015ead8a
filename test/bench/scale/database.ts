import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, commandOf } from '@xnai/testing';
import pg from 'pg';
import { cpuOf } from '../support/service-process.ts';

/** A database of its own on a server, which is dropped at the end unless it is to be kept. */
export interface Database extends AsyncDisposable {
  readonly url: string;
  /** Of the server, as it says itself. */
  readonly version: string;
  bytes(): Promise<number>;
  /** Waits until its vectors have an index. */
  untilIndexed(): Promise<void>;
  /** Of all processes of the server, in ms; undefined where it runs on another machine. */
  cpuMs(): Promise<number | undefined>;
  /** Resident memory of all its processes, what they share counted once, in MiB. */
  memoryMb(): Promise<number | undefined>;
}

/** Whether the server has the extension, and has loaded it. */
export async function hasTextsearch(server: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const { rows } = await client.query(`SELECT 1 FROM pg_available_extensions
    WHERE name = 'pg_textsearch' AND current_setting('pg_textsearch.library_version', true) IS NOT NULL`);
  await client.end();
  return rows.length > 0;
}

export interface DatabaseOptions {
  /** `postgres://USER@HOST:PORT/DATABASE`, of a user who may create databases and these extensions. */
  readonly server: string;
  readonly extensions?: readonly string[];
  /** The end of the name of one that is kept, and may be there already. */
  readonly kept: string | undefined;
}

export async function openDatabase({ server, extensions = [], kept }: DatabaseOptions): Promise<Database> {
  const name = `xnai_bench_${kept ?? randomBytes(4).toString('hex')}`;
  const ask = async (sql: string) => (await client.query(sql)).rows[0] as Record<string, unknown>;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const isThere =
    (await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])).rows.length > 0;
  if (!isThere) await client.query(`CREATE DATABASE "${name}"`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await addExtensions(url.href, extensions);
  const postmaster = await parentOf(Number((await ask('SELECT pg_backend_pid() AS pid'))['pid']));
  return {
    url: url.href,
    version: String((await ask("SELECT current_setting('server_version') AS version"))['version']),
    bytes: async () => Number((await ask(`SELECT pg_database_size('${name}') AS bytes`))['bytes']),
    cpuMs: async () => postmaster && sum([postmaster, ...childrenOf(postmaster)].map(cpuUntilNow)),
    memoryMb: async () => postmaster && sum([postmaster, ...childrenOf(postmaster)].map(shareOfMemory)),
    untilIndexed: () => untilIndexed(url.href),
    async [Symbol.asyncDispose]() {
      if (kept === undefined) await client.query(`DROP DATABASE "${name}" WITH (FORCE)`);
      await client.end();
    },
  };
}

async function addExtensions(url: string, extensions: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const extension of extensions) await client.query(`CREATE EXTENSION IF NOT EXISTS ${extension}`);
  await client.end();
}

const MOST_MS = 1_200_000;

async function untilIndexed(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const sql = `SELECT count(*)::int AS n FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.relname LIKE 'vectors\\_%\\_of\\_%' AND i.indisvalid`;
  try {
    const endMs = performance.now() + MOST_MS;
    while ((await client.query(sql)).rows[0]?.n === 0) {
      if (performance.now() > endMs) throw new Error('the vectors were not indexed in time');
      await sleep(500);
    }
  } finally {
    await client.end();
  }
}

/** Undefined where the number is that of a process of another machine. */
async function parentOf(backend: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${backend}/status`, 'utf8').catch(() => '');
  const pid = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
  return pid > 0 && commandOf(pid).includes('postgres') ? pid : undefined;
}

async function sum(parts: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(parts)).reduce((all, one) => all + one, 0);
}

/** Those of processes that end meanwhile are counted by their parent. */
function cpuUntilNow(pid: number): Promise<number> {
  return cpuOf(pid).catch(() => 0);
}

async function shareOfMemory(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) / 1024;
}
