import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Database, makeDatabase } from './database.ts';
import { type RagProcess, startRag } from './rag-process.ts';
import type { PostgresServer } from './server.ts';

const document = (id: string) =>
  ({ content: `# ${id}\n\nThe walrus ${id} has tusks.`, content_type: 'text/markdown' }) as const;
const put = ({ client }: RagProcess, id: string) => client.putDocument('default', id, document(id));

const leads = (rag: RagProcess) =>
  rag.log().filter(({ msg, duty }) => msg === 'this replica leads' && duty === 'embedding').length;

/** Ends a session of a replica by kill -9 on the server, which then begins anew by itself. */
async function crash(server: PostgresServer, database: Database): Promise<void> {
  const [one] = await database.sql(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'xnai-rag' AND datname = '${database.name}'`,
  );
  expect((await server.shell(`kill -9 ${one?.pid}`)).code).toBe(0);
}

/** Writes through both until it is told to stop; what was refused is tried again, as a crawler does. */
function writeThrough(replicas: readonly RagProcess[]) {
  const acknowledged: string[] = [];
  const refused: { readonly status: number; readonly retryAfter: unknown }[] = [];
  let isOver = false;
  const write = async (rag: RagProcess, name: string) => {
    for (let n = 0; !isOver; n += 1) {
      const id = `${name}-${n}`;
      while (!isOver) {
        try {
          await put(rag, id);
          acknowledged.push(id);
          break;
        } catch (error) {
          const { status, retryAfterMs } = error as { status: number; retryAfterMs?: number };
          refused.push({ status, retryAfter: retryAfterMs });
          await sleep(100);
        }
      }
    }
  };
  const done = Promise.all(replicas.map((rag, n) => write(rag, `writer${n}`)));
  return {
    acknowledged,
    refused,
    async stop() {
      isOver = true;
      await done;
    },
  };
}

export function describeReplicas(server: () => PostgresServer): void {
  describe('two replicas', () => {
    it('start at once on an empty database, have one store, and one leads until it is ended', async () => {
      const database = await makeDatabase(server(), 'replicas');
      await using stack = new AsyncDisposableStack();
      const [a, b] = await Promise.all(
        (['a', 'b'] as const).map(async (name) =>
          stack.use(await startRag(database.url, { XNAI_REPLICA: name })),
        ),
      );
      if (a === undefined || b === undefined) throw new Error('two were started');
      await put(a, 'one');
      const { results } = await b.client.search({ query: 'walrus' });
      expect(results.map(({ document_id }) => document_id)).toEqual(['one']);
      expect((await b.get('/readyz')).body['checks']).toMatchObject({
        store: { status: 'ok', detail: { documents: 1, engine: { name: 'postgresql', search: 'postings' } } },
      });

      await expect.poll(() => leads(a) + leads(b), { timeout: 15_000 }).toBe(1);
      await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND application_name = 'xnai-rag embedding' AND datname = 'replicas'`);
      await expect.poll(() => leads(a) + leads(b), { timeout: 15_000 }).toBe(2);
      expect([...a.log(), ...b.log()].map(({ msg }) => msg)).toContain('this replica leads no more');

      const writing = writeThrough([a, b]);
      await crash(server(), database);
      await sleep(2_000);
      await server().kill();
      const down = await a.get('/readyz');
      expect([down.status, down.body['status']]).toEqual([503, 'unavailable']);
      await server().start();
      // Until its breaker has tried the store again.
      for (const { client } of [a, b]) {
        const documents = async () => (await client.getCollection('default')).documents;
        await expect.poll(() => documents().catch(String), { timeout: 40_000 }).toBeTypeOf('number');
      }
      const before = writing.acknowledged.length;
      await expect.poll(() => writing.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(before + 20);
      await writing.stop();

      expect([...new Set(writing.refused.map(({ status }) => status))]).toEqual([503]);
      const kept = (await database.sql('SELECT name FROM documents')).map(({ name }) => name as string);
      expect(kept).toEqual(expect.arrayContaining(writing.acknowledged));
      expect(kept).toHaveLength(new Set(kept).size);
      const { documents, chunks } = await a.client.getCollection('default');
      expect([documents, chunks]).toEqual([kept.length, kept.length]);
    });
  });
}
