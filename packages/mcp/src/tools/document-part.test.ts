import type { Document } from '@xnai/contracts';
import { expect, test } from 'vitest';
import { partOf } from './document-part.ts';

const document = (text: string): Document => ({
  id: 'a',
  collection: 'default',
  title: null,
  url: null,
  content_type: 'text/plain',
  content_hash: 'x',
  bytes: 1,
  metadata: {},
  updated_at: '2026-01-01T00:00:00Z',
  text,
  inline: 'none',
  blocks: [],
  tables: [],
  anchors: {},
  losses: [],
  aliases: [],
  alias_count: 0,
  chunks: [],
});

test('a document is read in parts, which follow each other to its end', () => {
  const text = 'tide 🌊🌊 comes in';
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    const part = partOf(document(text), { start, max_chars: 3 });
    expect(part.text).toBe(text.slice(part.start, part.end));
    expect(part.text.isWellFormed(), part.text).toBe(true);
    parts.push(part.text);
    start = part.end;
  }
  expect(parts.join('')).toBe(text);
});

test('a part beyond the end is empty', () => {
  expect(partOf(document('abc'), { start: 10, max_chars: 5 })).toMatchObject({
    text: '',
    start: 3,
    end: 3,
    total_chars: 3,
  });
});
