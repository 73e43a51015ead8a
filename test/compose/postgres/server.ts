import { findFreePorts, waitUntil } from '@xnai/testing';
import pg from 'pg';
import type { Finished, Machine } from '../support/machine.ts';

/** PostgreSQL with pgvector in a container of its own, behind a port of this machine. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** Behind it a standby listens, once a test has started one. */
  readonly standbyPort: number;
  /** In the container as root. */
  shell(script: string): Promise<Finished>;
  /** kill -9 of the first process, and with it of all. */
  kill(): Promise<void>;
  /** Until it answers. */
  start(): Promise<void>;
}

export const PASSWORD = 'superuser';
/** A tablespace is made in it, which is soon full. */
export const SMALL_FOLDER = '/small';
/** Where a standby listens in the container. */
export const STANDBY_PORT = 5433;

export const IMAGE = 'docker.io/pgvector/pgvector:pg17-trixie';
const NAME = 'postgres-test';

export async function openPostgresServer(machine: Machine): Promise<PostgresServer> {
  const [port = 0, standbyPort = 0] = await findFreePorts(2);
  const podman = async (...args: readonly string[]) => {
    const finished = await machine.run(['podman', ...args]);
    if (finished.code !== 0) throw new Error(`podman ${args[0]}: ${finished.output}`);
    return finished;
  };
  await podman(
    ...['run', '-d', '--name', NAME, '-p', `127.0.0.1:${port}:5432`],
    ...['-p', `127.0.0.1:${standbyPort}:${STANDBY_PORT}`, '-e', `POSTGRES_PASSWORD=${PASSWORD}`],
    ...['--tmpfs', `${SMALL_FOLDER}:size=40m,mode=1777`, IMAGE],
  );
  const untilAnswering = () =>
    untilUp(port).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${(await podman('logs', '--tail', '40', NAME)).output}`);
    });
  await untilAnswering();
  return {
    port,
    standbyPort,
    shell: (script) => machine.run(['podman', 'exec', '--user', '0', NAME, 'sh', '-c', script]),
    async kill() {
      await podman('kill', '--signal', 'KILL', NAME);
      // A start before its end is taken for one of a container that runs.
      await podman('wait', NAME);
    },
    async start() {
      await podman('start', NAME);
      await untilAnswering();
    },
    async [Symbol.asyncDispose]() {
      await podman('rm', '-f', '-v', '-t', '0', NAME);
    },
  };
}

async function untilUp(port: number): Promise<void> {
  const ask = () => asSuperuser({ port }, 'postgres', 'SELECT 1').catch(() => undefined);
  await waitUntil('the server answers', ask, { timeoutMs: 60_000, pollMs: 100 });
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back.
export type Rows = readonly any[];

/** One statement outside of a transaction, as the superuser. */
export async function asSuperuser(
  { port }: Pick<PostgresServer, 'port'>,
  database: string,
  sql: string,
): Promise<Rows> {
  const client = new pg.Client({ ...loginOf(port, database), connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

export function loginOf(port: number, database: string): pg.ClientConfig {
  return { host: '127.0.0.1', port, database, user: 'postgres', password: PASSWORD };
}
