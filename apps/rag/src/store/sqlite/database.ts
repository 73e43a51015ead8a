import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';

export type Row = Record<string, SQLOutputValue>;

/** The few things this store asks of an SQLite driver; statements are prepared once and kept. */
export interface Database {
  readonly path: string;
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly lastId: number };
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  exec(sql: string): void;
  readonly isTransaction: boolean;
  close(): void;
}

/** More than all fixed statements, so that only those of single collections are prepared again. */
const MAX_STATEMENTS = 200;

/** How long a statement waits for another process that has locked the file. */
export const BUSY_TIMEOUT_MS = 5_000;

export function openDatabase(path: string, options: { readonly readOnly: boolean }): Database {
  const db = new DatabaseSync(path, { readOnly: options.readOnly, timeout: BUSY_TIMEOUT_MS });
  const statements = new Map<string, ReturnType<typeof db.prepare>>();
  const prepare = (sql: string) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare(sql);
    const [oldest] = statements.keys();
    if (statements.size >= MAX_STATEMENTS && oldest !== undefined) statements.delete(oldest);
    statements.set(sql, statement);
    return statement;
  };
  return {
    path,
    run: (sql, ...values) => {
      const { changes, lastInsertRowid } = prepare(sql).run(...values);
      return { changes: Number(changes), lastId: Number(lastInsertRowid) };
    },
    get: (sql, ...values) => prepare(sql).get(...values),
    all: (sql, ...values) => prepare(sql).all(...values),
    exec: (sql) => db.exec(sql),
    get isTransaction() {
      return db.isTransaction;
    },
    close: () => db.close(),
  };
}

export function pragma(db: Database, name: string): number {
  return Number(db.get(`PRAGMA ${name}`)?.[name]);
}
