import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { openPostgresStore } from '../postgres-store.ts';
import { openPglite } from '../testing/open-pglite.ts';
import { type Connections, openConnections } from './connections.ts';
import type { Db } from './db.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './schema.ts';

const LATER = MIGRATIONS.length + 1;

test('a replica is not ready any more once another one has changed the tables', async () => {
  await using server = await openPglite();
  await using store = await openPostgresStore({ url: server.url, connections: 1 });
  await expect(store.stats()).resolves.toMatchObject({ documents: 0 });
  for (const [version, code] of [
    [LATER, 'INDEX_NEWER'],
    [1, 'INDEX_OLDER'],
  ]) {
    await run(server.url, `UPDATE xnai.format SET version = ${version}`);
    await expect(store.stats()).rejects.toMatchObject({ code });
  }
});

test('a statement ends after a minute, and without a limit not at all', async () => {
  await using server = await openPglite();
  const limitOf = async (timeoutMs?: number) => {
    await using connections = openConnections({ url: server.url, size: 1, timeoutMs });
    return await connections.write((db) => db.get('SHOW statement_timeout'));
  };
  expect(await limitOf(Infinity)).toEqual({ statement_timeout: '0' });
  expect(await limitOf()).toEqual({ statement_timeout: '1min' });
});

test('says that it waits for another process, and not where there is none', async () => {
  await using server = await openPglite();
  await using connections = openConnections({ url: server.url, size: 1 });
  const onWait = vi.fn();
  await migrate(withLock(connections, Promise.resolve()), { onWait });
  expect(onWait).not.toHaveBeenCalled();
  await run(server.url, 'DROP SCHEMA xnai CASCADE');
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  onWait.mockImplementation(end);
  await migrate(withLock(connections, ended), { onWait });
  expect(onWait).toHaveBeenCalledOnce();
});

/** The lock of the migration comes once another process has `ended`. */
function withLock(connections: Connections, ended: Promise<void>): Pick<Connections, 'read' | 'write'> {
  const waiting = (db: Db): Db => ({
    ...db,
    run: async (sql, ...values) => {
      if (sql.includes('pg_advisory_xact_lock')) await ended;
      return await db.run(sql, ...values);
    },
  });
  return { read: connections.read, write: (work) => connections.write((db) => work(waiting(db))) };
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
