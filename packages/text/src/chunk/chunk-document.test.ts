import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMarkdown } from '../markdown/read-markdown.ts';
import { readPlainText } from '../read-plain-text.ts';
import { blocksIn } from '../testing/blocks-in.ts';
import { madeUpMarkdown } from '../testing/made-up-markdown.ts';
import { MAX_CHARS, TARGET_CHARS, WHOLE_CHARS } from './chunk.ts';
import { chunkDocument } from './chunk-document.ts';

const readers = fc.constantFrom(readMarkdown, readPlainText);

test('chunks are exact slices in order, within the bounds, and all of each block but headings is in them', () => {
  fc.assert(
    fc.property(madeUpMarkdown, readers, (content, read) => {
      const document = read(content);
      const chunks = chunkDocument(document);
      const held = blocksIn(document, chunks);
      let from = 0;
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk.ordinal).toBe(index);
        expect(chunk.text).toBe(document.text.slice(chunk.start, chunk.end));
        expect(chunk.start).toBeGreaterThanOrEqual(from);
        expect(chunk.text.trim()).not.toBe('');
        expect(chunk.text.isWellFormed()).toBe(true);
        const kinds = held[index]?.map((at) => document.blocks[at]?.kind ?? 'none') ?? [];
        expect(kinds).not.toEqual([]);
        const holdsWhole = kinds.some((kind) => ['code', 'row', 'math'].includes(kind));
        expect(chunk.text.length).toBeLessThanOrEqual(holdsWhole ? WHOLE_CHARS : MAX_CHARS);
        from = chunk.end;
      }
      for (const [index, block] of document.blocks.entries()) {
        if (block.kind === 'heading') continue;
        let left = document.text.slice(block.start, block.end);
        for (const { start, end } of chunks.filter((_, at) => held[at]?.includes(index)).reverse())
          left = left.slice(0, Math.max(0, start - block.start)) + left.slice(end - block.start);
        expect(left.trim()).toBe('');
      }
    }),
    { numRuns: 150 },
  );
});

const words = (count: number, word = 'word') =>
  Array.from({ length: count }, (_, n) => `${word}${n}`).join(' ');
const chunksOf = (markdown: string) => chunkDocument(readMarkdown(markdown));
const texts = (markdown: string) => chunksOf(markdown).map(({ text }) => text);

describe('headings', () => {
  test('are the path of what stands under them, and not in its text', () => {
    const chunks = chunksOf(
      '# Guide to *it*\n\nIntro.\n\n## Install `now`\n\nRun it.\n\n### Linux\n\napt\n\nUse [a link](x)\n---\n\nGo.',
    );
    expect(chunks.map(({ heading, text }) => [heading.join(' > '), text])).toEqual([
      ['Guide to it', 'Intro.'],
      ['Guide to it > Install now', 'Run it.'],
      ['Guide to it > Install now > Linux', 'apt'],
      ['Guide to it > Use a link', 'Go.'],
    ]);
  });

  test('with nothing under them are text, unless a deeper one follows', () => {
    const chunks = chunksOf('# A\n\n## B\n\n### C\n\ntext\n\n## D\n\n## E\n');
    expect(chunks.map(({ heading, text }) => [heading.join('/'), text])).toEqual([
      ['A/B/C', 'text'],
      ['A', '## D'],
      ['A', '## E'],
    ]);
  });

  test('stand apart from front matter', () => {
    const chunks = chunksOf('---\ntitle: x\n---\n\nBefore.\n\n# Real\n\ntext\n');
    expect(chunks.map(({ heading, text }) => [heading, text])).toEqual([
      [[], 'title: x'],
      [[], 'Before.'],
      [['Real'], 'text'],
    ]);
  });
});

describe('packing', () => {
  test('joins paragraphs up to the target and splits none that fits', () => {
    const paragraphs = Array.from({ length: 12 }, (_, n) => words(40, `p${n}x`));
    const found = texts(paragraphs.join('\n\n'));
    expect(found.length).toBeGreaterThan(1);
    expect(found.flatMap((text) => text.split('\n\n'))).toEqual(paragraphs);
    for (const text of found) expect(text.length).toBeLessThanOrEqual(TARGET_CHARS);
  });

  test('splits a long paragraph at sentences, into pieces of similar size', () => {
    const sentences = Array.from({ length: 60 }, (_, n) => `Sentence ${n} has ${words(8)}.`);
    const found = texts(sentences.join(' '));
    expect(found.join(' ')).toBe(sentences.join(' '));
    for (const text of found) expect(text).toMatch(/^Sentence .*\.$/s);
    expect(Math.min(...found.map(({ length }) => length))).toBeGreaterThan(TARGET_CHARS / 2);
  });

  test('splits the lines of a log between lines, and not behind their sentences', () => {
    const line = (n: number) =>
      `2026-11-27 10:${n} ERROR Connection refused. Trying again in 5 s. Attempt ${n}`;
    const lines = Array.from({ length: 60 }, (_, n) => line(n));
    const found = chunkDocument(readPlainText(lines.join('\n')));
    expect(found.length).toBeGreaterThan(2);
    expect(found.flatMap(({ text }) => text.split('\n'))).toEqual(lines);
  });

  test('keeps a step and its code together', () => {
    const step = (n: number) => `${n}. Do ${words(60, `step${n}x`)}\n\n   \`\`\`sh\n   run ${n}\n   \`\`\``;
    const found = texts(Array.from({ length: 9 }, (_, n) => step(n + 1)).join('\n'));
    expect(found.length).toBeGreaterThan(2);
    for (const text of found) expect(text).toMatch(/^\d\. Do[\s\S]*```$/);
  });

  test('keeps a term and its definition together, and names the term where that is too long', () => {
    const chunks = chunksOf(
      `${words(150)}\n\nMTU\n: ${words(100, 'bytes')}\n\nLong\n: ${words(400, 'more')}`,
    );
    expect(chunks.filter(({ text }) => text.includes('MTU') !== text.includes('bytes1 '))).toEqual([]);
    const rest = chunks.filter(({ text }) => text.includes('more') && !text.includes('Long'));
    expect(rest.length).toBeGreaterThan(0);
    for (const { context } of rest) expect(context).toBe('Long');
  });

  test('does not cut between a line that introduces something and what it introduces', () => {
    for (const introduced of ['- an item', '```\ncode\n```', 'a paragraph', '| a |\n| - |\n| 1 |']) {
      const found = texts(`${words(190)}\n\nThis is how:\n\n${introduced}\n\n${words(60)}`);
      expect(
        found.filter((text) => text.includes('This is how:')).every((text) => text.includes(introduced)),
      ).toBe(true);
      expect(found.length).toBeGreaterThan(1);
    }
  });

  test('keeps a code block whole up to four times the maximum, with the line that introduces it', () => {
    const code = `\`\`\`js\n${'const x = 1; // a line of code\n'.repeat(200)}\`\`\``;
    expect(code.length).toBeGreaterThan(MAX_CHARS);
    expect(texts(`Before.\n\nRun:\n\n${code}\n\nAfter.`)).toEqual(['Before.', `Run:\n\n${code}`, 'After.']);
  });

  test('splits a longer one at line ends, and keeps the indentation of lines', () => {
    const line = '    return indented(code);';
    const found = texts(`\`\`\`\`\n${`${line}\n`.repeat(400)}\`\`\`\``);
    expect(found.length).toBeGreaterThan(1);
    for (const text of found) for (const part of text.split('\n')) expect([line, '````']).toContain(part);
  });

  test('splits a table between rows, never behind its header, and indexes the header with each piece', () => {
    const rows = Array.from({ length: 80 }, (_, n) => `| name ${n} | ${words(6)} |`);
    const table = ['| Name | What it does |', '| - | - |', ...rows].join('\n');
    const chunks = chunksOf(`# T\n\n${words(196)}\n\n${table}`);
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.find(({ text }) => text.includes('| Name |'))?.text).toContain('| name 0 |');
    for (const { context, text } of chunks.slice(2)) {
      expect(context).toBe('Name What it does');
      for (const row of text.split('\n')) expect(rows).toContain(row);
    }
  });

  test('takes the rest of a section into the chunk before where it fits', () => {
    expect(texts(`${words(180)}\n\nA short end.`).at(-1)).toMatch(/word179\n\nA short end\.$/);
  });
});
