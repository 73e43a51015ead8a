import type { TextDocument } from '@xnai/contracts';
import type { Chunk } from '@xnai/text';
import { packBlocks, unpackBlocks } from './pack-blocks.ts';
import { joinBlocks, shareBlocks } from './share-blocks.ts';

/** A document that was read and cut into chunks, in the form in which it is kept. */
export interface Reading extends Pick<TextDocument, 'text' | 'inline' | 'pages'> {
  readonly details: DocumentDetails;
  readonly chunks: readonly KeptChunk[];
}

/** What a reading found besides text and blocks. */
export type DocumentDetails = Pick<TextDocument, 'language' | 'anchors' | 'losses'>;

export interface KeptChunk extends Chunk {
  /** From `packBlocks`; undefined where the document was read before blocks were kept. */
  readonly blocks: Uint8Array | undefined;
}

export function readingOf(document: TextDocument, chunks: readonly Chunk[]): Reading {
  const { inline, pages, language, anchors, losses } = document;
  const shares = shareBlocks(document, chunks);
  return {
    text: document.text,
    inline,
    ...(pages !== undefined && { pages }),
    details: { ...(language !== undefined && { language }), anchors, losses },
    chunks: chunks.map((chunk, at) => {
      const share = shares[at];
      const { ordinal, start, end, text, heading, context } = chunk;
      return { ordinal, start, end, text, heading, context, blocks: share && packBlocks(share, text) };
    }),
  };
}

/** The blocks of a whole document; undefined where it was read before blocks were kept. */
export function blocksOf({ chunks }: Reading): Pick<TextDocument, 'blocks' | 'tables'> | undefined {
  const parts = chunks.flatMap(({ blocks, text, start }) =>
    blocks === undefined ? [] : [{ start, ...unpackBlocks(blocks, text) }],
  );
  return parts.length < chunks.length ? undefined : joinBlocks(parts);
}
