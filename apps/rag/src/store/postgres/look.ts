import type { DatabaseLook } from '@xnai/ops/database';
import pg from 'pg';
import { type ConnectionsOptions, configOf } from './connections.ts';
import { type Db, toDb } from './db.ts';
import { NO_VECTOR, readFormat, requireServer } from './migrate.ts';
import { fromPostgres } from './postgres-failure.ts';
import { MIGRATIONS } from './schema.ts';
import { describeSearch } from './textsearch/state.ts';

const ANSWER_MS = 5_000;

/** Looks at a database without the tables of a store, or with those of any release, and changes nothing. */
export async function lookAt(server: Omit<ConnectionsOptions, 'size'>): Promise<DatabaseLook> {
  const client = new pg.Client({
    ...configOf(server),
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
  });
  // What is wrong with it, each statement says as well.
  client.on('error', () => {});
  try {
    await client.connect();
    return await ask(toDb(client));
  } catch (error) {
    return { problem: messageOf(error) };
  } finally {
    void client.end().catch(() => {});
  }
}

const FACTS = `SELECT current_setting('server_version') AS version,
  (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
    OR EXISTS (SELECT 1 FROM pg_available_extension_versions WHERE name = 'vector' AND trusted) AS may_add,
  pg_database_size(current_database()) AS bytes,
  least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - current_setting('reserved_connections')::int,
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())) AS connections,
  (SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usesysid IS NOT NULL
    AND application_name NOT LIKE 'xnai-rag%') AS used`;

async function ask(db: Db): Promise<DatabaseLook> {
  const row = (await db.get(FACTS)) ?? {};
  const pgvector = row['pgvector'] === null ? undefined : String(row['pgvector']);
  let problem = pgvector === undefined && row['may_add'] !== true ? NO_VECTOR : undefined;
  let format = 0;
  try {
    await requireServer(db);
    format = await readFormat(db);
  } catch (error) {
    problem = messageOf(error);
  }
  const facts = {
    version: String(row['version']),
    pgvector,
    search: await describeSearch(db),
    format,
    newestFormat: MIGRATIONS.length,
    bytes: Number(row['bytes']),
    connections: Number(row['connections']),
    used: Number(row['used']),
  };
  return { problem, facts };
}

function messageOf(error: unknown): string {
  return fromPostgres(error).message;
}
