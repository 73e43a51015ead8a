import { BLOCKS_VERSION } from '@xnai/contracts/blocks-version';
import type { StoreStats } from '../store.ts';
import { TERMS_VERSION } from '../term-columns.ts';
import type { Db } from './db.ts';
import { requireFormat, requireLoaded } from './migrate.ts';
import { readWordsState } from './textsearch/state.ts';

/** What deleted collections have left does not count. */
const IS_KEPT = 'collection IN (SELECT id FROM collections)';

const STATS = `SELECT
  (SELECT count(*) FROM collections) AS collections,
  (SELECT sum(documents) FROM counts) AS documents,
  (SELECT sum(chunks) FROM counts) AS chunks,
  (SELECT count(*) FROM documents WHERE blocks_version < $1 AND ${IS_KEPT}) AS outdated,
  (SELECT count(*) FROM documents WHERE terms_version < $2 AND ${IS_KEPT}) AS unindexed,
  (SELECT sum(pg_total_relation_size(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = to_regnamespace('xnai')) AS bytes,
  current_setting('server_version') AS version,
  (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector`;

/** @throws {StoreError} INDEX_NEWER, INDEX_OLDER or INDEX_MISSING where the tables are not those of this release any more; STORE_UNFIT where
 *   the server was started without a library that it needs */
export async function readStats(db: Db): Promise<StoreStats> {
  await requireFormat(db);
  await requireLoaded(db);
  const row = (await db.get(STATS, BLOCKS_VERSION, TERMS_VERSION)) ?? {};
  const { search, version, unmade } = await readWordsState(db);
  return {
    collections: Number(row['collections']),
    documents: Number(row['documents']),
    chunks: Number(row['chunks']),
    outdated: Number(row['outdated']),
    unindexed: Number(row['unindexed']) + unmade,
    fileBytes: Number(row['bytes']),
    engine: {
      name: 'postgresql',
      version: String(row['version']),
      extensions: { vector: String(row['vector']), ...(version && { pg_textsearch: version }) },
      search,
    },
  };
}
