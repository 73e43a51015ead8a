import { LEAST_SHARE } from '../least-share.ts';
import type { Place } from './collections.ts';
import type { Db } from './db.ts';

/** The languages in which the documents of a collection `c` are written, as JSON. */
export const LANGUAGES = `SELECT json_agg(language) FROM (SELECT language FROM languages WHERE collection = c.id GROUP BY language
  HAVING sum(documents) * ${LEAST_SHARE} >= (SELECT sum(documents) FROM languages WHERE collection = c.id)) l`;

export function addLanguage(db: Db, { collection, slot }: Place, language: string): void {
  const sql = `INSERT INTO languages AS l VALUES ($1, $2, $3, 1)
    ON CONFLICT (collection, slot, language) DO UPDATE SET documents = l.documents + 1`;
  db.atEnd(sql, collection, slot, language);
}

/** The slots of a collection count together: in one of them there may be fewer than none. */
export function removeLanguage(db: Db, { collection, slot }: Place, language: string): void {
  const sql = `INSERT INTO languages AS l VALUES ($1, $2, $3, -1)
    ON CONFLICT (collection, slot, language) DO UPDATE SET documents = l.documents - 1`;
  db.atEnd(sql, collection, slot, language);
}
