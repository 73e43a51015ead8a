import type { QueryVector, VectorSet } from '../vectors.ts';
import type { Database, Row } from './database.ts';

export interface SetRow extends VectorSet {
  /** Of its row; `id` is the set's own name. */
  readonly row: number;
  readonly isMade: boolean;
  readonly isSearched: boolean;
}

/** The sets that are made or searched: two at most. */
export function livingSets(db: Database): readonly SetRow[] {
  return db.all('SELECT * FROM vector_sets WHERE is_made OR is_searched').map(toSet);
}

export function madeSet(db: Database): SetRow | undefined {
  return livingSets(db).find(({ isMade }) => isMade);
}

/** The set that is searched by this vector: its own. */
export function searchedSet(db: Database, { set, values }: QueryVector): SetRow | undefined {
  return livingSets(db).find(({ id, dimensions }) => id === set && dimensions === values.length);
}

function toSet(row: Row): SetRow {
  return {
    row: Number(row['id']),
    id: String(row['name']),
    model: String(row['model']),
    dimensions: Number(row['dimensions']),
    isMade: row['is_made'] === 1,
    isSearched: row['is_searched'] === 1,
  };
}
