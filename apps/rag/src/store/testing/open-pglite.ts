import { PGlite } from '@electric-sql/pglite';
import { pg_textsearch } from '@electric-sql/pglite-pg_textsearch';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

export interface PgliteOptions {
  /** The extension pg_textsearch is on the server and in the database. */
  readonly hasTextsearch?: boolean;
}

/**
 * For tests: PostgreSQL with pgvector in this process, behind a port. All its clients share one backend, so that it shows
 * what SQL does, and nothing of locks, time limits and connections.
 */
export async function openPglite({
  hasTextsearch = false,
}: PgliteOptions = {}): Promise<AsyncDisposable & { readonly url: string }> {
  const db = await PGlite.create({ extensions: { vector, ...(hasTextsearch && { pg_textsearch }) } });
  if (hasTextsearch) await db.exec('CREATE EXTENSION pg_textsearch');
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: 10 });
  await server.start();
  return {
    url: `postgres://postgres@${server.getServerConn()}/postgres`,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await db.close();
    },
  };
}
