import type { Reading } from '../blocks/reading.ts';
import { IngestError } from './ingest-error.ts';

/** @throws {IngestError} DOCUMENT_NOT_READABLE when there are no chunks, so that no search could find the document */
export function checkHasText({ chunks }: Pick<Reading, 'chunks'>): void {
  if (chunks.length > 0) return;
  throw new IngestError('DOCUMENT_NOT_READABLE', { detail: 'There is no text in the document' });
}
