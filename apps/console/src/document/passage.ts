import { signal } from '@preact/signals';

/** A place in a document; `start` and `end` are UTF-16 offsets into its text. */
export interface Passage {
  readonly collection: string;
  readonly document_id: string;
  readonly start: number;
  readonly end: number;
  /** What stood there when it was cited; undefined where that is not known. */
  readonly quote?: string;
}

/** The passage of a link, as `COLLECTION/DOCUMENT/START-END`; undefined where the link is to something else. */
export function passageOf([collection, id, span = '']: readonly string[]): Passage | undefined {
  if (collection === undefined || id === undefined) return undefined;
  const [start = 0, end = 0] = /^\d+-\d+$/.test(span) ? span.split('-').map(Number) : [];
  return { collection, document_id: id, start, end };
}

/** The passage that is open. */
export const passage = signal<Passage | undefined>(undefined);

export function openPassage({ collection, document_id, start, end, quote }: Passage): void {
  passage.value = { collection, document_id, start, end, ...(quote !== undefined && { quote }) };
}

export function closePassage(): void {
  passage.value = undefined;
}
