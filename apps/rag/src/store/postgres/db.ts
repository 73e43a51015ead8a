import type { ClientBase } from 'pg';
import type { Row } from '../stored-chunk.ts';
import { stateOf } from './postgres-failure.ts';

/** A transaction. Placeholders are `$1`, `$2`, …; whole numbers come as numbers, bytes as `Uint8Array`. */
export interface Db {
  all(sql: string, ...values: readonly unknown[]): Promise<Row[]>;
  get(sql: string, ...values: readonly unknown[]): Promise<Row | undefined>;
  /** How many rows were changed. */
  run(sql: string, ...values: readonly unknown[]): Promise<number>;
  /**
   * For what changes a row that others wait for: it is done at the end of the transaction, and sent with its commit. Nothing
   * that is read in this transaction tells of it.
   */
  atEnd(sql: string, ...values: readonly unknown[]): void;
}

export function toDb(client: Pick<ClientBase, 'query'>, ending: Statement[] = []): Db {
  return {
    all: async (sql, ...values) => (await client.query<Row>(sql, [...values])).rows,
    get: async (sql, ...values) => (await client.query<Row>(sql, [...values])).rows[0],
    run: async (sql, ...values) => (await client.query(sql, [...values])).rowCount ?? 0,
    atEnd: (text, ...values) => void ending.push({ text, values: [...values] }),
  };
}

/** One that is still to be sent. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/**
 * Ends when both have, also where one failed: nothing of them is sent after the end of their transaction. Of two failures
 * the one is thrown that made the server refuse the other.
 */
export async function bothOf<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const ended = await Promise.allSettled([a, b]);
  const faults = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (faults.length > 0) throw faults.find((fault) => stateOf(fault) !== REFUSED) ?? faults[0];
  return [await a, await b];
}

/** Of what follows a statement that failed, up to the end of its transaction. */
const REFUSED = '25P02';

/** Turns the `?` of a statement into placeholders behind the first `before` ones. */
export function numbered(sql: string, before: number): string {
  let n = before;
  return sql.replaceAll('?', () => `$${++n}`);
}
