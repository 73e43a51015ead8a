import type { Language } from '@xnai/text/analyse';
import { LEAST_SHARE } from '../least-share.ts';
import type { Place } from './collections.ts';
import type { Db } from './db.ts';

/** The languages in which the documents of a collection are written. */
export async function languagesOf(db: Db, collection: number): Promise<readonly Language[]> {
  const sql = `SELECT language FROM languages WHERE collection = $1 GROUP BY language
    HAVING sum(documents) * ${LEAST_SHARE} >= (SELECT sum(documents) FROM languages WHERE collection = $1)`;
  return (await db.all(sql, collection)).map(({ language }) => String(language) as Language);
}

export async function addLanguage(db: Db, { collection, slot }: Place, language: string): Promise<void> {
  const sql = `INSERT INTO languages AS l VALUES ($1, $2, $3, 1)
    ON CONFLICT (collection, slot, language) DO UPDATE SET documents = l.documents + 1`;
  await db.run(sql, collection, slot, language);
}

/** The slots of a collection count together: in one of them there may be fewer than none. */
export async function removeLanguage(db: Db, { collection, slot }: Place, language: string): Promise<void> {
  const sql = `INSERT INTO languages AS l VALUES ($1, $2, $3, -1)
    ON CONFLICT (collection, slot, language) DO UPDATE SET documents = l.documents - 1`;
  await db.run(sql, collection, slot, language);
}
