import { chunkDocument } from '@xnai/text/chunk';
import { readMarkdown } from '@xnai/text/markdown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readingOf } from '../blocks/reading.ts';
import { createParser, type Parser } from './parser.ts';

function parsed(content: string) {
  const document = readMarkdown(content);
  return { ...readingOf(document, chunkDocument(document)), title: document.title };
}

describe('the parser', () => {
  let parser: Parser;
  beforeAll(() => {
    parser = createParser();
  });
  afterAll(() => parser.close());

  test('gives in a thread what parsing gives', async () => {
    const content = '# A\n\none\n\n## B\n\n| x |\n| - |\n| 1 |\n';
    expect(await parser.parse({ content, names: { mediaType: 'text/markdown' } })).toEqual(parsed(content));
  });

  test('leaves the event loop free meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await parser.parse({
      content: '> - item one two three\n'.repeat(20_000),
      names: { mediaType: 'text/markdown' },
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  test('takes documents in the order they came', async () => {
    const order: string[] = [];
    const all = ['a', 'b', 'c'].map(async (name) => {
      await parser.parse({ content: `# ${name}`, names: { mediaType: 'text/markdown' } });
      order.push(name);
    });
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('stops when it is not wanted any more, and parses the next', async () => {
    const controller = new AbortController();
    const unwanted = parser.parse(
      { content: '> - item one two three\n'.repeat(50_000), names: { mediaType: 'text/markdown' } },
      {
        signal: controller.signal,
      },
    );
    const next = parser.parse({ content: 'next', names: { mediaType: 'text/plain' } });
    controller.abort(new Error('gone'));
    await expect(unwanted).rejects.toThrow('gone');
    expect((await next).text).toBe('next');
  });
});

describe('a document that cannot be parsed', () => {
  const heavy = '> - item one two three\n'.repeat(200_000);
  const unreadable = { code: 'DOCUMENT_NOT_READABLE' };

  test('for taking too long is refused, and the next is parsed', { timeout: 60_000 }, async () => {
    // Less than any thread needs for 4.6 MB, on whatever machine.
    await using parser = createParser({ timeoutMs: 20 });
    await expect(
      parser.parse({ content: heavy, names: { mediaType: 'text/markdown' } }),
    ).rejects.toMatchObject({
      ...unreadable,
      message: 'The document takes too long to parse',
    });
    await using patient = createParser();
    expect((await patient.parse({ content: 'next', names: { mediaType: 'text/plain' } })).text).toBe('next');
  });

  test('for taking too much memory is refused, and the next is parsed', { timeout: 60_000 }, async () => {
    await using parser = createParser({ maxHeapMb: 24 });
    const nested = `${'<b>x<p>'.repeat(40_000)}x`;
    await expect(parser.parse({ content: nested, names: { mediaType: 'text/html' } })).rejects.toMatchObject(
      unreadable,
    );
    expect((await parser.parse({ content: 'next', names: { mediaType: 'text/plain' } })).text).toBe('next');
  });

  test('now, because too much waits, is refused for now', async () => {
    await using parser = createParser({ maxWaitingChars: 10 });
    const first = parser.parse({ content: 'x'.repeat(100), names: { mediaType: 'text/plain' } });
    await expect(parser.parse({ content: 'y', names: { mediaType: 'text/plain' } })).rejects.toMatchObject({
      code: 'OVERLOADED',
      retryAfterMs: 2000,
    });
    expect((await first).text).toHaveLength(100);
    expect((await parser.parse({ content: 'y', names: { mediaType: 'text/plain' } })).text).toBe('y');
  });
});
