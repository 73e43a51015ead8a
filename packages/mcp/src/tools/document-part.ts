import { CollectionName, Document, DocumentId } from '@xnai/contracts';
import { z } from 'zod';

/** A document may be larger than what a model can read at once. */
const MAX_CHARS = 100_000;

export const DocumentPartRequest = z.strictObject({
  collection: CollectionName.default('default'),
  id: DocumentId,
  start: z.int().min(0).default(0).describe('UTF-16 offset of the first character'),
  max_chars: z.int().min(2).max(MAX_CHARS).default(20_000),
});

/** Some of the text of a document; `start` and `end` are UTF-16 offsets, as those of citations. */
export const DocumentPart = Document.pick({
  id: true,
  collection: true,
  title: true,
  url: true,
  metadata: true,
  updated_at: true,
}).extend({ text: z.string(), start: z.int(), end: z.int(), total_chars: z.int() });
export type DocumentPart = z.infer<typeof DocumentPart>;

export function partOf(
  document: z.infer<typeof Document>,
  { start: from, max_chars: maxChars }: { readonly start: number; readonly max_chars: number },
): DocumentPart {
  const { text } = document;
  const start = wholeCharacter(text, from);
  const end = wholeCharacter(text, start + maxChars);
  return {
    ...DocumentPart.parse({ ...document, start, end, total_chars: text.length }),
    text: text.slice(start, end),
  };
}

/** The offset, or the one before it in the middle of a surrogate pair, half of which is no character. */
function wholeCharacter(text: string, offset: number): number {
  const at = Math.min(offset, text.length);
  const isMiddle = (text.codePointAt(at - 1) ?? 0) > 0xffff;
  return isMiddle ? at - 1 : at;
}
