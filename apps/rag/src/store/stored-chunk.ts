import type { Metadata, TextDocument } from '@xnai/contracts';
import type { KeptChunk } from '../blocks/reading.ts';
import type { StoredChunk } from './store.ts';

/** As a driver gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** To be followed by a join with `chunks c`. */
export const SELECT_CHUNK = `SELECT d.name, d.title, d.url, d.content_type, d.metadata, d.inline,
  d.pages, c.id, c.ordinal, c.start_at, c.end_at, c.text, c.heading, c.context, c.blocks FROM documents d`;

export function toStoredChunk(row: Row): StoredChunk {
  return {
    ...toChunk(row),
    ...toMarks(row),
    documentId: String(row['name']),
    title: optional(row, 'title'),
    url: optional(row, 'url'),
    metadata: JSON.parse(String(row['metadata'])) as Metadata,
  };
}

/** Before blocks were kept, every text but plain text was Markdown. */
export function toMarks(row: Row): Pick<TextDocument, 'inline' | 'pages'> {
  const inline = row['inline'] ?? (row['content_type'] === 'text/plain' ? 'none' : 'markdown');
  const pages = optional(row, 'pages');
  return {
    inline: inline as TextDocument['inline'],
    ...(pages !== undefined && { pages: JSON.parse(pages) as NonNullable<TextDocument['pages']> }),
  };
}

export function toChunk(row: Row): KeptChunk {
  const blocks = row['blocks'];
  return {
    ordinal: Number(row['ordinal']),
    start: Number(row['start_at']),
    end: Number(row['end_at']),
    text: String(row['text']),
    heading: JSON.parse(String(row['heading'])) as string[],
    context: String(row['context']),
    blocks: blocks instanceof Uint8Array ? blocks : undefined,
  };
}

export function optional(row: Row, name: string): string | undefined {
  const value = row[name];
  return value === null || value === undefined ? undefined : String(value);
}
