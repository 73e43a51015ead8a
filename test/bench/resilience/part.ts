import type { Row } from '../report.ts';

/** One of the measurements that make up the bench. */
export interface Part {
  readonly rows: readonly Row[];
  readonly raw: unknown;
}
