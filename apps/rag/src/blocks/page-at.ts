import type { Citation } from '@xnai/contracts';
import { unpackBlocks } from './pack-blocks.ts';
import type { KeptChunk, Reading } from './reading.ts';

type Page = Pick<Citation, 'page' | 'page_unit' | 'page_name'>;

/** The page, slide or sheet on which an offset of a chunk lies; empty where the document has none. */
export function pageAt(chunk: KeptChunk & Pick<Reading, 'pages'>, offset: number): Page {
  const { blocks: packed, text, pages } = chunk;
  if (packed === undefined || pages === undefined) return {};
  const { blocks } = unpackBlocks(packed, text);
  const page = blocks.find(({ end }) => end > offset)?.page;
  if (page === undefined) return {};
  const name = pages.names?.[page - 1];
  return { page, page_unit: pages.unit, ...(name !== undefined && { page_name: name }) };
}
