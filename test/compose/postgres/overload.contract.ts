import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeDatabase } from './database.ts';
import { startRag } from './rag-process.ts';
import type { PostgresServer } from './server.ts';

const CLIENTS = 30;
const CONNECTIONS = 2;
/** Longer than the first of them wait. */
const FOR_MS = 8_000;

interface Seen {
  answered: number;
  refused: number;
  failed: string[];
}

/** Searches one time after the other; one that is refused comes again when it was told to. */
async function search({ client }: { readonly client: Searcher }, seen: Seen, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    try {
      await client.search({ query: 'walrus' });
      seen.answered += 1;
    } catch (error) {
      const { status, code, retryAfterMs } = error as {
        status?: number;
        code?: string;
        retryAfterMs?: number;
      };
      if (status === 503 && code === 'OVERLOADED' && Number(retryAfterMs) > 0) seen.refused += 1;
      else seen.failed.push(String(error));
      await sleep(retryAfterMs ?? 100);
    }
  }
}

type Searcher = Pick<Awaited<ReturnType<typeof startRag>>['client'], 'search'>;

export function describeOverload(server: () => PostgresServer): void {
  describe('more clients than the connections can serve', () => {
    it('are answered or told when to come again, and a balancer sees a replica that is ready', async () => {
      const database = await makeDatabase(server(), 'overload');
      await using rag = await startRag(database.url, { RAG_STORE_CONNECTIONS: String(CONNECTIONS) });
      await rag.client.putDocument('default', 'a', {
        content: 'A walrus has tusks.',
        content_type: 'text/plain',
      });
      // A server on which each search takes a second.
      await database.sql('ALTER TABLE recent_terms RENAME TO terms_at_once');
      await database.sql('CREATE VIEW recent_terms AS SELECT t.* FROM terms_at_once t, pg_sleep(1)');
      await database.sql('GRANT ALL ON recent_terms TO overload');

      const seen: Seen = { answered: 0, refused: 0, failed: [] };
      const untilMs = performance.now() + FOR_MS;
      const clients = Array.from({ length: CLIENTS }, () => search(rag, seen, untilMs));
      const looks: { readonly status: number; readonly store: unknown; readonly ms: number }[] = [];
      while (performance.now() < untilMs) {
        const startMs = performance.now();
        const { status, body } = await rag.get('/readyz');
        const { store } = body['checks'] as { store: { status: string } };
        looks.push({ status, store: store.status, ms: performance.now() - startMs });
        await sleep(500);
      }
      await Promise.all(clients);

      expect(looks.filter(({ status, store }) => status !== 200 || store !== 'ok')).toEqual([]);
      expect(Math.max(...looks.map(({ ms }) => ms))).toBeLessThan(2_000);
      expect(seen.failed).toEqual([]);
      expect(seen.answered).toBeGreaterThan(CONNECTIONS);
      expect(seen.refused).toBeGreaterThan(0);
      console.log('overload', {
        ...seen,
        looks: looks.length,
        slowest: Math.max(...looks.map(({ ms }) => ms)),
      });
    });
  });
}
