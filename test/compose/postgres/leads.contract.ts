import { newDocument, openPostgresStore, takeLead } from '@xnai/rag/testing/postgres';
import { describe, expect, it } from 'vitest';
import { type Database, makeDatabase, untilItWaits } from './database.ts';
import type { PostgresServer } from './server.ts';

const TIMES = { askEveryMs: 200, answerMs: 2_000, silentMs: 4_000 };
const SET = { id: 'set', model: 'model', dimensions: 3 };

/** One that asks for the lead, and what it was told. */
function candidate({ url }: Database) {
  const stop = new AbortController();
  const told: string[] = [];
  const wanted = {
    duty: 'embedding',
    signal: stop.signal,
    onTried: ({ kind }: { kind: string }) => void told.push(kind),
    times: TIMES,
  } as const;
  return { told, taken: takeLead({ url }, wanted) };
}

const endSession = (database: Database) =>
  database.sql(`SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND application_name = 'xnai-rag embedding' AND datname = '${database.name}'`);

export function describeLeads(server: () => PostgresServer): void {
  describe('the lead of a duty', () => {
    it('is one at a time; when its session ends it stops, and the next one takes over', async () => {
      const database = await makeDatabase(server(), 'leads');
      await using _store = await openPostgresStore({ url: database.url });
      const first = candidate(database);
      await using lead = await first.taken;
      const second = candidate(database);
      await expect.poll(() => second.told.length).toBeGreaterThan(3);
      expect(second.told).not.toContain('leads');
      expect(lead.lost.aborted).toBe(false);

      expect(await endSession(database)).toHaveLength(1);
      await using next = await second.taken;
      await expect.poll(() => lead.lost.aborted).toBe(true);
      expect(next.lost.aborted).toBe(false);
      expect([lead.generation, next.generation]).toEqual([1, 2]);
    });

    it('is lost where the server cannot be heard any more, and is taken when it can', async () => {
      const database = await makeDatabase(server(), 'silent');
      await using _store = await openPostgresStore({ url: database.url });
      const first = candidate(database);
      await using lead = await first.taken;
      const [{ pid }] = (await database.sql(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'xnai-rag embedding' AND datname = 'silent'`,
      )) as [{ pid: number }];
      await server().shell(`kill -STOP ${pid}`);
      await expect.poll(() => lead.lost.aborted).toBe(true);
      const second = candidate(database);
      await expect.poll(() => second.told.length).toBeGreaterThan(1);
      expect(second.told).not.toContain('leads');
      await server().shell(`kill -CONT ${pid}`);
      await using next = await second.taken;
      expect(next.generation).toBe(2);
    });

    it('has its late work refused once another has begun, and that of nobody else', async () => {
      const database = await makeDatabase(server(), 'fenced');
      await using store = await openPostgresStore({ url: database.url });
      const { vectors } = store;
      await using first = await candidate(database).taken;
      await vectors.begin(SET, { lead: first });
      await store.upsertDocument(newDocument('a', 'A walrus has tusks.'));
      await endSession(database);
      await using second = await candidate(database).taken;

      const [text] = await vectors.pending(1);
      const put = (lead?: typeof first) =>
        vectors.put(SET.id, [{ hash: text?.hash ?? '', vector: Float32Array.of(1, 2, 3) }], { lead });
      await expect(put(first)).rejects.toMatchObject({ code: 'LEAD_LOST' });
      await expect(vectors.begin({ ...SET, id: 'other' }, { lead: first })).rejects.toThrow(
        /lead 2 has begun/,
      );
      expect((await vectors.stats()).made).toMatchObject({ id: SET.id, embedded: 0, pending: 1 });
      await put(second);
      expect((await vectors.stats()).made).toMatchObject({ embedded: 1, pending: 0 });
    });

    it('waits for what the one before is about to commit', async () => {
      const database = await makeDatabase(server(), 'fenced_late');
      await using store = await openPostgresStore({ url: database.url });
      await using first = await candidate(database).taken;
      const held = await database.hold('LOCK TABLE vector_sets IN ACCESS EXCLUSIVE MODE');
      const late = store.vectors.begin(SET, { lead: first });
      await untilItWaits(database, 'FROM vector_sets');
      await endSession(database);
      const next = candidate(database);
      await untilItWaits(database, 'UPDATE xnai.leads');
      await held[Symbol.asyncDispose]();
      await late;
      await using second = await next.taken;
      expect(second.generation).toBeGreaterThan(first.generation);
      expect((await store.vectors.stats()).made?.id).toBe(SET.id);
    });
  });
}
