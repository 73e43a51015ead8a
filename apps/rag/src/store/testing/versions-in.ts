import { DatabaseSync } from 'node:sqlite';

/** For tests: by which versions an index says that its parts were made; it may be open. */
export function versionsIn(path: string): Record<string, unknown> {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('SELECT part, version FROM versions').all();
  db.close();
  return Object.fromEntries(rows.map(({ part, version }) => [String(part), version]));
}
