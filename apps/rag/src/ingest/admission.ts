import { IngestError } from './ingest-error.ts';

/** Runs work once its size is admitted. */
export type Admit = <T>(size: number, work: () => Promise<T>) => Promise<T>;

/**
 * Limits the sizes of all work that is done or waits, together. Work that waits for none is always admitted.
 *
 * @throws {IngestError} OVERLOADED from what it returns, when the work does not fit beside the others
 */
export function createAdmission(maxSize: number): Admit {
  let admitted = 0;
  return async (size, work) => {
    if (admitted > 0 && admitted + size > maxSize)
      throw new IngestError('OVERLOADED', { retryAfterMs: 2_000 });
    admitted += size;
    try {
      return await work();
    } finally {
      admitted -= size;
    }
  };
}
