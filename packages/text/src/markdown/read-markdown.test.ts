import { TextDocument } from '@xnai/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDocument } from '../check-document.ts';
import { madeUpMarkdown } from '../testing/made-up-markdown.ts';
import { readMarkdown } from './read-markdown.ts';

test('whatever is read has exact offsets and is stored as it came', () => {
  fc.assert(
    fc.property(madeUpMarkdown, (content) => {
      const document = readMarkdown(content);
      expect(document.text).toBe(content.replace(/^\uFEFF+/, '').replaceAll('\0', '\uFFFD'));
      expect(checkDocument(document)).toBeUndefined();
      expect(TextDocument.parse(document)).toEqual(document);
    }),
    { numRuns: 500 },
  );
});
