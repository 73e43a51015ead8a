import type { DocumentPart } from '../tools/document-part.ts';

export function documentText({ id, title, url, text, start, end, total_chars: total }: DocumentPart): string {
  const about = [title, url, `document ${id}`].filter((part) => part !== null && part !== '').join(', ');
  const place = `Characters ${start} to ${end} of ${total}`;
  const more = end < total ? `; read on with start ${end}` : '';
  return `${about}\n${place}${more}\n\n${text}`;
}
