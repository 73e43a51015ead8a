import { newDocument, openConnections, openPostgresStore } from '@xnai/rag/testing/postgres';
import { describe, expect, it } from 'vitest';
import { type Database, makeDatabase, untilItWaits } from './database.ts';
import { asSuperuser, type PostgresServer } from './server.ts';

/** Eight documents beside the one that is there, with 4,000 chunks, and 30,000 lists of terms. */
async function fill({ sql }: Database): Promise<void> {
  const kept = `metadata, bytes, 500, terms, tail, updated_at, blocks_version, terms_version, language, inline, pages, details`;
  await sql(`INSERT INTO documents (collection, name, title, url, content_type, content_hash, ${kept.replace('500', 'chunks')})
    SELECT collection, 'more ' || n, title, url, content_type, content_hash, ${kept} FROM documents, generate_series(1, 8) AS n`);
  await sql(`INSERT INTO chunks (document, ordinal, start_at, end_at, lead, text, heading, context, blocks, text_hash)
    SELECT d.id, n, 0, 0, '', c.text, c.heading, c.context, c.blocks, c.text_hash
    FROM chunks c, documents d, generate_series(0, 499) AS n WHERE d.name LIKE 'more %'`);
  await sql(
    `INSERT INTO term_lists SELECT id, 'term ' || n, 1, 'postings' FROM collections, generate_series(1, 30000) AS n`,
  );
}

/** As the pipelines give it, of which the store asks the rest alone. */
const deadlineIn = (ms: number) => ({ remainingMs: () => ms }) as never;

export function describeStatements(server: () => PostgresServer): void {
  describe('a statement', () => {
    it('ends on the server at the deadline, and when nobody waits for it any more', async () => {
      const database = await makeDatabase(server(), 'statements');
      await using connections = openConnections({ url: database.url, size: 2 });
      const sleep = (options: object) => connections.read((db) => db.all('SELECT pg_sleep(30)'), options);
      const active = async () =>
        (await database.sessions('pg_sleep')).filter(({ state }) => state === 'active').length;

      await expect(sleep({ deadline: deadlineIn(300) })).rejects.toMatchObject({
        code: 'STORE_FAILED',
        message: expect.stringContaining('longer than its time'),
      });
      expect(await active()).toBe(0);

      const stop = new AbortController();
      const stopped = sleep({ signal: stop.signal });
      await expect.poll(active).toBe(1);
      stop.abort(new Error('nobody waits'));
      await expect(stopped).rejects.toThrow('nobody waits');
      await expect.poll(active, { timeout: 2_000 }).toBe(0);
      expect(await connections.read((db) => db.get('SELECT 1 AS one'))).toEqual({ one: 1 });
    });

    it('waits for a connection when all are at work, and no longer than its signal', async () => {
      const database = await makeDatabase(server(), 'pool');
      await using connections = openConnections({ url: database.url, size: 2 });
      const query = (sql: string, options?: object) => connections.read((db) => db.all(sql), options);
      const stop = new AbortController();
      const long = [1, 2].map(() => query('SELECT pg_sleep(30)', { signal: stop.signal }));
      const late = query('SELECT 1', { signal: AbortSignal.timeout(200) });
      const patient = query('SELECT 2 AS two');
      await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
      stop.abort(new Error('enough'));
      expect((await Promise.allSettled(long)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(await patient).toEqual([{ two: 2 }]);
    });

    it('is refused with a message where the server has no connection left', async () => {
      const database = await makeDatabase(server(), 'crowded');
      await asSuperuser(server(), 'postgres', 'ALTER ROLE crowded CONNECTION LIMIT 0');
      await using connections = openConnections({ url: database.url, size: 1 });
      const ask = () => connections.read((db) => db.get('SELECT 1 AS one'));
      await expect(ask()).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
        message: expect.stringContaining('no connection'),
      });
      await asSuperuser(server(), 'postgres', 'ALTER ROLE crowded CONNECTION LIMIT -1');
      expect(await ask()).toEqual({ one: 1 });
    });
  });

  describe('a transaction that is cut off', () => {
    it('begins anew, and leaves nothing double', async () => {
      const database = await makeDatabase(server(), 'cut');
      await using store = await openPostgresStore({ url: database.url });
      const put = (id: string) => store.upsertDocument(newDocument(id, `# ${id}\n\nA walrus has tusks.`));
      await put('a');
      const held = await database.hold('LOCK TABLE recent_terms IN ACCESS EXCLUSIVE MODE');
      const written = put('b');
      const pid = await untilItWaits(database, 'INSERT INTO recent_terms');
      await database.sql(`SELECT pg_terminate_backend(${pid})`);
      await expect.poll(() => untilItWaits(database, 'INSERT INTO recent_terms')).not.toBe(pid);
      await held[Symbol.asyncDispose]();
      expect(await written).toEqual({ created: true });
      const [counted] = await database.sql(`SELECT (SELECT count(*)::int FROM documents) AS documents,
        (SELECT sum(documents)::int FROM counts) AS counted, (SELECT count(*)::int FROM chunks) AS chunks,
        (SELECT count(*)::int FROM recent_terms) AS found`);
      expect(counted).toEqual({ documents: 2, counted: 2, chunks: 2, found: 2 });
    });

    it('in a storm of ended sessions, each document that was acknowledged is there once', async () => {
      const database = await makeDatabase(server(), 'storm');
      await using store = await openPostgresStore({ url: database.url });
      const isOver = new AbortController();
      const storm = (async () => {
        let ended = 0;
        while (!isOver.signal.aborted)
          ended += (
            await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = 'storm' AND application_name = 'xnai-rag' AND state <> 'idle'`)
          ).length;
        return ended;
      })();
      const ids = Array.from({ length: 60 }, (_, n) => `document-${n}`);
      const ends = await Promise.allSettled(
        ids.map((id) => store.upsertDocument(newDocument(id, `# ${id}\n\nA walrus has tusks.`))),
      );
      isOver.abort();
      expect(await storm).toBeGreaterThan(0);
      const acknowledged = ids.filter((_, n) => ends[n]?.status === 'fulfilled').sort();
      const kept = (await database.sql('SELECT name FROM documents')).map(({ name }) => name).sort();
      // One whose answer was lost may be there as well.
      expect(kept).toEqual([...new Set(kept)]);
      expect(kept).toEqual(expect.arrayContaining(acknowledged));
      const { documents, chunks } = (await store.getCollection('default')) ?? {};
      expect([documents, chunks]).toEqual([kept.length, kept.length]);
    });
  });

  describe('a large collection that is deleted', () => {
    it('is gone at once, and its rows go in batches, also after a process that was ended', async () => {
      const database = await makeDatabase(server(), 'large');
      const { url } = database;
      await using store = await openPostgresStore({ url });
      await store.upsertDocument(newDocument('a', 'A walrus has tusks.'));
      await fill(database);
      const rows = async () =>
        (
          await database.sql(
            'SELECT (SELECT count(*) FROM chunks)::int + (SELECT count(*) FROM term_lists)::int AS n',
          )
        )[0]?.n as number;
      const before = await rows();
      expect(before).toBeGreaterThan(34_000);

      const held = await database.hold('SELECT pg_advisory_xact_lock(2020499817, 3)');
      expect(await store.deleteCollection('default')).toBe(true);
      expect(await store.getCollection('default')).toBeUndefined();
      expect(await rows()).toBe(before);
      await store.upsertDocument(newDocument('a', 'A walrus has tusks.'));
      await store.close();
      await held[Symbol.asyncDispose]();

      await using next = await openPostgresStore({ url });
      await expect.poll(rows, { timeout: 30_000 }).toBeLessThan(10);
      await expect.poll(() => database.sql('SELECT 1 FROM deleted_collections')).toEqual([]);
      expect(await next.getCollection('default')).toMatchObject({ documents: 1, chunks: 1 });
      const [left] = await database.sql(`SELECT (SELECT count(*)::int FROM documents) AS documents,
        (SELECT count(*)::int FROM chunks) AS chunks, (SELECT count(*)::int FROM metadata) AS metadata`);
      expect(left).toEqual({ documents: 1, chunks: 1, metadata: 0 });
    });
  });
}
