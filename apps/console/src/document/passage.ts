import { signal } from '@preact/signals';

/** A place in a document; `start` and `end` are UTF-16 offsets into its text. */
export interface Passage {
  readonly collection: string;
  readonly document_id: string;
  readonly start: number;
  readonly end: number;
  /** What stood there when it was cited; undefined where nothing is to be highlighted. */
  readonly quote?: string;
}

/** The passage that is open. */
export const passage = signal<Passage | undefined>(undefined);

export function openPassage({ collection, document_id, start, end, quote }: Passage): void {
  passage.value = { collection, document_id, start, end, ...(quote !== undefined && { quote }) };
}

export function closePassage(): void {
  passage.value = undefined;
}
