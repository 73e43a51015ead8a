import { describeManuals } from '@xnai/bench/manuals';
import { makeDatabase } from './database.ts';
import { startRag } from './rag-process.ts';
import type { PostgresServer } from './server.ts';

export function describeQuality(server: () => PostgresServer): void {
  describeManuals('PostgreSQL', async () => {
    const { url } = await makeDatabase(server(), 'manuals');
    return startRag(url, { XNAI_RATE_LIMIT: '0', RAG_EMBED_URL: '', RAG_EMBED_MODEL: 'none' });
  });
}
