import type { TextDocument } from '@xnai/contracts';
import { checkDocument } from '../check-document.ts';

/** Blocks as pairs of kind and quotable text; fails where an offset lies. */
export function blocksOf(document: TextDocument): string[] {
  const fault = checkDocument(document);
  if (fault !== undefined) throw new Error(fault);
  return document.blocks.map(
    ({ kind, bodyStart, bodyEnd }) => `${kind}: ${document.text.slice(bodyStart, bodyEnd)}`,
  );
}
