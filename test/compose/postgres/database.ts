import { waitUntil } from '@xnai/testing';
import pg from 'pg';
import { asSuperuser, loginOf, type PostgresServer, type Rows } from './server.ts';

/** A database of a user of the same name, as docs/scale.md says to make it. */
export interface Database {
  readonly name: string;
  readonly url: string;
  /** As the superuser, in the schema of rag. */
  sql(statement: string): Promise<Rows>;
  /** What others do in it: the sessions whose last or present statement contains the text. */
  sessions(text: string): Promise<Rows>;
  /** Keeps what the statement locks, until it is disposed of. */
  hold(statement: string): Promise<AsyncDisposable>;
}

export interface MakeDatabaseOptions {
  readonly hasVector?: boolean;
  readonly tablespace?: string;
}

export async function makeDatabase(
  server: PostgresServer,
  name: string,
  { hasVector = true, tablespace = 'pg_default' }: MakeDatabaseOptions = {},
): Promise<Database> {
  const { port } = server;
  await asSuperuser(server, 'postgres', `CREATE ROLE ${name} LOGIN PASSWORD '${name}'`);
  await asSuperuser(server, 'postgres', `CREATE DATABASE ${name} OWNER ${name} TABLESPACE ${tablespace}`);
  if (hasVector) await asSuperuser(server, name, 'CREATE EXTENSION vector');
  await asSuperuser(server, name, `ALTER ROLE postgres IN DATABASE ${name} SET search_path = xnai, public`);
  const sql = (statement: string) => asSuperuser(server, name, statement);
  return {
    name,
    url: `postgres://${name}:${name}@127.0.0.1:${port}/${name}`,
    sql,
    sessions: (text) =>
      sql(`SELECT pid, state, application_name, wait_event_type FROM pg_stat_activity
        WHERE datname = '${name}' AND query LIKE '%${text}%' AND pid <> pg_backend_pid()`),
    async hold(statement) {
      const client = new pg.Client(loginOf(port, name));
      await client.connect();
      await client.query('BEGIN');
      await client.query(statement);
      return { [Symbol.asyncDispose]: () => client.end() };
    },
  };
}

/** The process id on the server of the one session whose statement contains the text, once it waits for a lock. */
export function untilItWaits(database: Database, text: string): Promise<number> {
  return waitUntil(`a session waits in ${text}`, async () => {
    const waiting = (await database.sessions(text)).filter((one) => one.wait_event_type === 'Lock');
    return waiting[0]?.pid as number | undefined;
  });
}
