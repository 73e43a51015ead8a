import { type Connections, MIGRATIONS, migrate, openConnections } from '@xnai/rag/testing/postgres';
import { describe, expect, it } from 'vitest';
import { type Database, makeDatabase } from './database.ts';
import type { PostgresServer } from './server.ts';

const LOCK = /pg_advisory_xact_lock/;

/** Two that make the tables, both of which come to the lock before either goes on: with it, or as if there were none. */
async function migrateTogether({ url }: Database, how: 'locked' | 'unlocked') {
  const bothAreThere = meetingOf(2);
  const start = async () => {
    await using connections = openConnections({ url, size: 2 });
    await migrate(
      atLock(connections, async (lock) => {
        await bothAreThere();
        if (how === 'locked') await lock();
      }),
    );
  };
  const ends = await Promise.allSettled([start(), start()]);
  return ends.map(({ status }) => status).sort();
}

function meetingOf(size: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let missing = size;
  return () => {
    missing -= 1;
    if (missing <= 0) resolve();
    return promise;
  };
}

function atLock(
  connections: Connections,
  arrive: (lock: () => Promise<unknown>) => Promise<void>,
): Connections {
  return {
    ...connections,
    write: (work, options) =>
      connections.write(
        (db) =>
          work({
            ...db,
            run: async (sql, ...values) => {
              if (!LOCK.test(sql)) return db.run(sql, ...values);
              await arrive(() => db.run(sql, ...values));
              return 0;
            },
          }),
        options,
      ),
  };
}

async function makeFormat1({ url }: Database): Promise<void> {
  await using connections = openConnections({ url, size: 2 });
  await connections.write(async (db) => {
    await db.run('CREATE SCHEMA xnai');
    for (const sql of ['CREATE TABLE format (version integer NOT NULL)', 'INSERT INTO format VALUES (1)'])
      await db.run(sql);
    for (const sql of String(MIGRATIONS[0]).split(';')) if (sql.trim() !== '') await db.run(sql);
  });
}

/** What the lock of the migration is for, and that it does it. */
export function describeStarts(server: () => PostgresServer): void {
  describe('of two replicas that start at once', () => {
    const format = async (database: Database) => (await database.sql('SELECT version FROM xnai.format'))[0];
    const CURRENT = { version: MIGRATIONS.length };
    const BOTH = ['fulfilled', 'fulfilled'];
    const ONE = ['fulfilled', 'rejected'];

    it('on an empty database, one makes the tables', async () => {
      const database = await makeDatabase(server(), 'empty');
      expect(await migrateTogether(database, 'locked')).toEqual(BOTH);
      expect(await format(database)).toEqual(CURRENT);
    });

    it('on a database of an older release, one changes the tables', async () => {
      const database = await makeDatabase(server(), 'older');
      await makeFormat1(database);
      expect(await migrateTogether(database, 'locked')).toEqual(BOTH);
      expect(await format(database)).toEqual(CURRENT);
    });

    it('one fails where nothing locks the tables, on an empty database and on an older one', async () => {
      const empty = await makeDatabase(server(), 'empty_unlocked');
      const older = await makeDatabase(server(), 'older_unlocked');
      await makeFormat1(older);
      expect(await migrateTogether(empty, 'unlocked')).toEqual(ONE);
      expect(await migrateTogether(older, 'unlocked')).toEqual(ONE);
    });
  });
}
