import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readMarkdown } from '../markdown/read-markdown.ts';
import { readPlainText } from '../read-plain-text.ts';
import { madeUpMarkdown } from '../testing/made-up-markdown.ts';
import { MAX_CHARS, WHOLE_CHARS } from './chunk.ts';
import { chunkDocument } from './chunk-document.ts';

const readers = fc.constantFrom(readMarkdown, readPlainText);

test('chunks are exact slices in order, within the bounds, and each block but headings is in one', () => {
  fc.assert(
    fc.property(madeUpMarkdown, readers, (content, read) => {
      const document = read(content);
      const chunks = chunkDocument(document);
      let from = 0;
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk.ordinal).toBe(index);
        expect(chunk.text).toBe(document.text.slice(chunk.start, chunk.end));
        expect(chunk.start).toBeGreaterThanOrEqual(from);
        expect(chunk.text.trim()).not.toBe('');
        expect(chunk.text.isWellFormed()).toBe(true);
        const holdsWhole = document.blocks
          .slice(chunk.firstBlock, chunk.lastBlock + 1)
          .some(({ kind }) => ['code', 'row', 'math'].includes(kind));
        expect(chunk.text.length).toBeLessThanOrEqual(holdsWhole ? WHOLE_CHARS : MAX_CHARS);
        from = chunk.end;
      }
      for (const [index, block] of document.blocks.entries()) {
        const holders = chunks.filter(
          ({ firstBlock, lastBlock }) => firstBlock <= index && index <= lastBlock,
        );
        if (block.kind !== 'heading') expect(holders.length).toBeGreaterThan(0);
        for (const { start, end } of holders)
          expect(Math.min(end, block.end)).toBeGreaterThan(Math.max(start, block.start));
      }
    }),
    { numRuns: 150 },
  );
});
