import type { Row } from '../stored-chunk.ts';
import type { VectorSet } from '../vectors.ts';
import type { Db } from './db.ts';

export interface SetRow extends VectorSet {
  /** Of its row; `id` is the set's own name. */
  readonly row: number;
  readonly isMade: boolean;
  readonly isSearched: boolean;
}

/** The table of a set's vectors, one row for each chunk that has one. */
export function tableOf({ row }: Pick<SetRow, 'row'>): string {
  return `vectors_${row}`;
}

/** What has more dimensions is not indexed by pgvector, and compared vector by vector. */
export const MOST_INDEXED = 4000;

/** The index by which the nearest vectors of one collection are found. */
export function graphOf({ row }: Pick<SetRow, 'row'>, collection: number): string {
  return `${tableOf({ row })}_of_${collection}`;
}

/** Of all collections together, as older releases made it. */
export function sharedGraphOf({ row }: Pick<SetRow, 'row'>): string {
  return `${tableOf({ row })}_nearest`;
}

/** The sets that are made or searched: two at most. */
export async function livingSets(db: Db): Promise<readonly SetRow[]> {
  return (await db.all('SELECT * FROM vector_sets WHERE is_made OR is_searched ORDER BY id')).map(toSet);
}

export async function madeSet(db: Db): Promise<SetRow | undefined> {
  return (await livingSets(db)).find(({ isMade }) => isMade);
}

export function toSet(row: Row): SetRow {
  return {
    row: Number(row['id']),
    id: String(row['name']),
    model: String(row['model']),
    dimensions: Number(row['dimensions']),
    isMade: row['is_made'] === true,
    isSearched: row['is_searched'] === true,
  };
}
