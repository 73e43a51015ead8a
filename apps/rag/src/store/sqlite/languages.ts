import type { Language } from '@xnai/text/analyse';
import { LEAST_SHARE } from '../least-share.ts';
import type { Database } from './database.ts';

/** The languages in which the documents of a collection are written. */
export function languagesOf(db: Database, collection: number): readonly Language[] {
  const sql = `SELECT language FROM languages WHERE collection = ?1 AND documents * ${LEAST_SHARE} >=
    (SELECT sum(documents) FROM languages WHERE collection = ?1)`;
  return db.all(sql, collection).map(({ language }) => String(language) as Language);
}

export function addLanguage(db: Database, collection: number, language: string): void {
  const sql = `INSERT INTO languages VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET documents = documents + 1`;
  db.run(sql, collection, language);
}

export function removeLanguage(db: Database, collection: number, language: string): void {
  const sql = 'UPDATE languages SET documents = documents - 1 WHERE collection = ? AND language = ?';
  db.run(sql, collection, language);
}
