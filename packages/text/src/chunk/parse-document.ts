import type { ContentType } from '@xnai/contracts';
import type { Block } from './block.ts';
import type { Chunk } from './chunk.ts';
import { htmlToMarkdown } from './html-to-markdown.ts';
import { markdownBlocks } from './markdown-blocks.ts';
import { packChunks } from './pack.ts';
import { plainBlocks } from './plain-blocks.ts';
import { sections } from './sections.ts';

export interface ParsedDocument {
  /** The stored text, to which all offsets refer. */
  readonly text: string;
  /** The title that the document itself gives. */
  readonly title: string | undefined;
  readonly chunks: readonly Chunk[];
}

/** The stored text of a document and its chunks by structure. Markdown and plain text are stored as they came. */
export function parseDocument(content: string, contentType: ContentType): ParsedDocument {
  const { text, title } = storedText(content, contentType);
  const blocks: Block[] = contentType === 'text/plain' ? plainBlocks(text) : markdownBlocks(text);
  const chunks = packChunks(text, sections(text, blocks));
  return { text, title: title ?? firstHeading(blocks), chunks };
}

function storedText(content: string, contentType: ContentType): { text: string; title: string | undefined } {
  const clean = cleanText(content);
  if (contentType !== 'text/html') return { text: clean, title: undefined };
  const { markdown, title } = htmlToMarkdown(clean);
  return { text: cleanText(markdown), title };
}

/** Without a byte order mark; NUL and halves of surrogate pairs, which UTF-8 stores cannot keep, become U+FFFD. */
function cleanText(text: string): string {
  return text
    .replace(/^\uFEFF+/, '')
    .replaceAll('\0', '\uFFFD')
    .toWellFormed();
}

function firstHeading(blocks: readonly Block[]): string | undefined {
  const heading = blocks.find((block) => block.type === 'heading' && block.depth === 1 && block.text !== '');
  return heading?.type === 'heading' ? heading.text : undefined;
}
