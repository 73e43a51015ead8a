import type { Passage } from './passage.ts';
import type { Span } from './sentences.ts';

const MAX_LABEL_CHARS = 90;
const SAYS_SOMETHING = /\s(?:is|are|was|were|means|-{1,2}|–|—)\s|:\s+\S/;

/** "Table 3.1. Ports" */
const CAPTION =
  /^[*_]*(?:Table|Figure|Example|Listing|Tabelle|Abbildung|Beispiel|Tableau)\s+\d+(?:[.-]\d+)*[.:]/;

/** Short and without the end of a sentence: the term of a definition, an option, a caption, a list entry. */
export function isLabel(text: string, { start, end }: Span): boolean {
  if (end - start > MAX_LABEL_CHARS) return false;
  const content = text.slice(start, end);
  if (CAPTION.test(content)) return true;
  return !SAYS_SOMETHING.test(content) && !/[.!?;][*_`"')\]]*(?:\s|$)|[。！？；]/.test(content);
}

export function endsInColon({ text }: Pick<Passage, 'text'>, { start, end }: Span): boolean {
  return /[:：][*_`]*$/.test(text.slice(start, end));
}
