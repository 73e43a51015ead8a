import type { Db } from '../db.ts';
import { isFoundByWords, LEAST_TEXTSEARCH, readTextsearch } from './tables.ts';

export interface WordsState {
  /** By which the terms of all collections are found: `pg_textsearch` with its version, or `postings`. */
  readonly search: string;
  /** Of the extension, where the database has it. */
  readonly version: string | undefined;
  /** How many documents are to be found by it and still are by postings. */
  readonly unmade: number;
}

const STATE = `SELECT
  EXISTS (SELECT 1 FROM collections c WHERE NOT ${isFoundByWords('c.id')}) AS has_others,
  (SELECT coalesce(sum(n.documents), 0) FROM counts n
    WHERE NOT EXISTS (SELECT 1 FROM word_tables w WHERE w.collection = n.collection)) AS without,
  (SELECT coalesce(sum(n.documents), 0) FROM word_tables w CROSS JOIN LATERAL (SELECT count(*) AS documents
    FROM documents d WHERE d.collection = w.collection AND d.id > w.made_until AND d.id < w.made_before) n
    WHERE w.made_until < w.made_before) AS unmade`;

export async function readWordsState(db: Db): Promise<WordsState> {
  const textsearch = await readTextsearch(db);
  const version = textsearch.kind === 'absent' ? undefined : textsearch.version;
  if (textsearch.kind !== 'usable') return { search: 'postings', version, unmade: 0 };
  const row = (await db.get(STATE)) ?? {};
  return {
    search: row['has_others'] === true ? 'postings' : `pg_textsearch ${version}`,
    version,
    unmade: Number(row['without']) + Number(row['unmade']),
  };
}

/** For a database that may have no tables yet: by what rag finds terms there, or will. */
export async function describeSearch(db: Db): Promise<string> {
  const textsearch = await readTextsearch(db);
  switch (textsearch.kind) {
    case 'absent':
      return 'postings';
    case 'old':
      return `postings, since pg_textsearch ${textsearch.version} is older than ${LEAST_TEXTSEARCH}`;
    case 'not loaded':
      return `postings, since pg_textsearch ${textsearch.version} is not loaded`;
    case 'elsewhere':
      return `postings, since pg_textsearch ${textsearch.version} is not in the schema public`;
    case 'usable':
      return `pg_textsearch ${textsearch.version}`;
    default:
      return textsearch satisfies never;
  }
}
