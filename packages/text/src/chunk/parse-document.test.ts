import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_CHARS, TARGET_CHARS, WHOLE_CHARS } from './chunk.ts';
import { type ParsedDocument, parseDocument } from './parse-document.ts';

const markdown = (text: string) => parseDocument(text, 'text/markdown');
const words = (count: number, word = 'word') =>
  Array.from({ length: count }, (_, n) => `${word}${n}`).join(' ');
const texts = ({ chunks }: ParsedDocument) => chunks.map(({ text }) => text);

describe('every document', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.constantFrom(
      '# One',
      '## Two *em* `code`',
      '#### Four',
      'Setext\n===',
      '- item',
      '  - nested',
      '1. first',
      '> quoted',
      '```js\nlet a = 1;\n\n\nb\n```',
      '~~~\nunclosed',
      '    indented code',
      '| a | b |\n| - | - |\n| 1 | 2 |\n| 3 | 4 |',
      '***',
      '<div>\n<b>x</b>',
      '[ref]: http://example.org "x"',
      '[^1]: a footnote',
      '\ttab',
      '\r',
      '\u00a0',
    ),
    fc.integer({ min: 1, max: 700 }).map((count) => words(count)),
    fc.integer({ min: 1, max: 9000 }).map((length) => '😀x'.repeat(length / 3)),
    fc.integer({ min: 1, max: 900 }).map((count) => `\`\`\`\n${'line of code\n'.repeat(count)}\`\`\``),
  );
  const document = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\n\n', '\r\n', '\r\n\r\n', '\n \n')), { maxLength: 25 })
    .map((lines) => lines.flat().join(''));
  const type = fc.constantFrom('text/markdown' as const, 'text/plain' as const, 'text/html' as const);

  test('is cut at exact offsets, in order, without overlap, within the bounds, leaving nothing out', () => {
    fc.assert(
      fc.property(document, type, (content, contentType) => {
        const { text, chunks } = parseDocument(content, contentType);
        let from = 0;
        const path = new Set<string>();
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk.ordinal).toBe(index);
          expect(text.slice(chunk.start, chunk.end)).toBe(chunk.text);
          expect(chunk.start).toBeGreaterThanOrEqual(from);
          expect(chunk.text.trim()).not.toBe('');
          expect(chunk.text.length).toBeLessThanOrEqual(WHOLE_CHARS);
          expectNoHalves(chunk.text);
          for (const name of chunk.heading) path.add(name);
          expectOnlyHeadings(text.slice(from, chunk.start));
          from = chunk.end;
        }
        expectOnlyHeadings(text.slice(from));
      }),
      { numRuns: 150 },
    );
  });

  test('in plain text has no chunk above the maximum', () => {
    fc.assert(
      fc.property(document, (content) => {
        const sizes = parseDocument(content, 'text/plain').chunks.map(({ text }) => text.length);
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(MAX_CHARS);
      }),
      { numRuns: 100 },
    );
  });

  test('as markdown and plain text is stored as it came, line ends and all', () => {
    for (const content of ['a\r\nb\rc\n\n', '  # x\n\n\ttab', '\u00a0']) {
      expect(markdown(content).text).toBe(content);
      expect(parseDocument(content, 'text/plain').text).toBe(content);
    }
  });

  test('has NUL and half surrogates replaced, which change no offset', () => {
    const { text, chunks } = markdown('\uFEFF# a\0b\n\n\ud800 x \udc00\n');
    expect(text).toBe('# a\uFFFDb\n\n\uFFFD x \uFFFD\n');
    expect(chunks.map(({ text: found, heading }) => [found, heading])).toEqual([
      ['\uFFFD x \uFFFD', ['a\uFFFDb']],
    ]);
  });
});

describe('headings', () => {
  test('are the path of what stands under them, and not in its text', () => {
    const { chunks, title } = markdown(
      '# Guide to *it*\n\nIntro.\n\n## Install `now`\n\nRun it.\n\n### Linux\n\napt\n\nUse [a link](x)\n---\n\nGo.',
    );
    expect(title).toBe('Guide to it');
    expect(chunks.map(({ heading, text }) => [heading.join(' > '), text])).toEqual([
      ['Guide to it', 'Intro.'],
      ['Guide to it > Install now', 'Run it.'],
      ['Guide to it > Install now > Linux', 'apt'],
      ['Guide to it > Use a link', 'Go.'],
    ]);
  });

  test('with nothing under them are text, unless a deeper one follows', () => {
    const { chunks } = markdown('# A\n\n## B\n\n### C\n\ntext\n\n## D\n\n## E\n');
    expect(chunks.map(({ heading, text }) => [heading.join('/'), text])).toEqual([
      ['A/B/C', 'text'],
      ['A', '## D'],
      ['A', '## E'],
    ]);
  });

  test('inside code are code, and inside quotes are quoted', () => {
    const { chunks } = markdown('# A\n\n```\n# not a heading\n```\n\n> # nor this\n');
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.heading).toEqual(['A']);
  });

  test('do not come out of front matter', () => {
    const { chunks, title } = markdown('---\ntitle: x\nlang: en\n---\n\n# Real\n\ntext\n');
    expect(title).toBe('Real');
    expect(chunks.map(({ heading }) => heading)).toEqual([[], ['Real']]);
  });
});

describe('packing', () => {
  test('joins paragraphs up to the target and splits none that fits', () => {
    const paragraphs = Array.from({ length: 12 }, (_, n) => words(40, `p${n}x`));
    const found = texts(markdown(paragraphs.join('\n\n')));
    expect(found.length).toBeGreaterThan(1);
    expect(found.flatMap((text) => text.split('\n\n'))).toEqual(paragraphs);
    for (const text of found) expect(text.length).toBeLessThanOrEqual(TARGET_CHARS);
  });

  test('splits a long paragraph at sentences, into pieces of similar size', () => {
    const sentences = Array.from({ length: 60 }, (_, n) => `Sentence ${n} has ${words(8)}.`);
    const found = texts(markdown(sentences.join(' ')));
    expect(found.join(' ')).toBe(sentences.join(' '));
    for (const text of found) expect(text).toMatch(/^Sentence .*\.$/s);
    const sizes = found.map(({ length }) => length);
    expect(Math.min(...sizes)).toBeGreaterThan(TARGET_CHARS / 2);
  });

  test('keeps a list item whole, and its marker with it', () => {
    const items = Array.from({ length: 30 }, (_, n) => `- item ${n} ${words(10)}`);
    for (const text of texts(markdown(items.join('\n')))) {
      for (const item of text.split('\n')) expect(items).toContain(item);
    }
  });

  test('keeps a code block whole up to four times the maximum', () => {
    const code = `\`\`\`js\n${'const x = 1; // a line of code\n'.repeat(200)}\`\`\``;
    expect(code.length).toBeGreaterThan(MAX_CHARS);
    expect(code.length).toBeLessThan(WHOLE_CHARS);
    expect(texts(markdown(`Before.\n\n${code}\n\nAfter.`))).toContain(code);
  });

  test('splits a longer one at line ends, and keeps the indentation of lines', () => {
    const line = '    return indented(code);';
    const found = texts(markdown(`\`\`\`\n${`${line}\n`.repeat(400)}\`\`\``));
    expect(found.length).toBeGreaterThan(1);
    for (const text of found) {
      for (const part of text.split('\n')) expect([line, '```']).toContain(part);
      expect(text.length).toBeLessThanOrEqual(MAX_CHARS);
    }
  });

  test('splits a table between rows, and indexes its header with each piece', () => {
    const rows = Array.from({ length: 80 }, (_, n) => `| name ${n} | ${words(6)} |`);
    const { chunks } = markdown(['# T', '', '| Name | What it does |', '| - | - |', ...rows].join('\n'));
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks[0]).toMatchObject({ context: '', text: expect.stringMatching(/^\| Name \|/) });
    for (const { context, text } of chunks.slice(1)) {
      expect(context).toBe('Name What it does');
      expect(text).not.toContain('What it does');
      for (const row of text.split('\n')) expect(rows).toContain(row);
    }
  });

  test('splits a table row only above four times the maximum', () => {
    const row = (length: number) => `| ${'cell '.repeat(length / 5)}|`;
    const whole = markdown(`| a |\n| - |\n${row(6000)}\n${row(100)}`);
    expect(texts(whole)).toContain(row(6000));
    const split = markdown(`| a |\n| - |\n${row(8000)}\n${row(100)}`);
    for (const text of texts(split)) expect(text.length).toBeLessThanOrEqual(MAX_CHARS);
  });

  test('takes the rest of a section into the chunk before where it fits', () => {
    const found = texts(markdown(`${words(180)}\n\nA short end.`));
    expect(found.at(-1)).toMatch(/A short end\.$/);
    expect(found.at(-1)?.length).toBeGreaterThan(300);
  });
});

function expectNoHalves(text: string): void {
  expect(text.isWellFormed()).toBe(true);
}

/** Between chunks stands nothing but blank lines and heading lines. */
function expectOnlyHeadings(between: string): void {
  const rest = between
    .replaceAll(/\r\n|\r/g, '\n')
    // A setext heading: its rule, and all lines above it.
    .replaceAll(/(?:^|(?<=\n))(?:.*\S.*\n)+ {0,3}(?:=+|-+)[ \t]*(?=\n|$)/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^ {0,3}#{1,6}(\s|$)/.test(line));
  expect(rest).toEqual([]);
}
