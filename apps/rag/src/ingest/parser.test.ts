import { parseDocument } from '@xnai/text/parse-document';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createParser, type Parser } from './parser.ts';

describe('the parser', () => {
  let parser: Parser;
  beforeAll(() => {
    parser = createParser();
  });
  afterAll(() => parser.close());

  test('gives in a thread what parsing gives', async () => {
    const content = '# A\n\none\n\n## B\n\n| x |\n| - |\n| 1 |\n';
    expect(await parser.parse(content, 'text/markdown')).toEqual(parseDocument(content, 'text/markdown'));
  });

  test('leaves the event loop free meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await parser.parse('> - item one two three\n'.repeat(20_000), 'text/markdown');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  test('takes documents in the order they came', async () => {
    const order: string[] = [];
    const all = ['a', 'b', 'c'].map(async (name) => {
      await parser.parse(`# ${name}`, 'text/markdown');
      order.push(name);
    });
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('stops when it is not wanted any more, and parses the next', async () => {
    const controller = new AbortController();
    const unwanted = parser.parse('> - item one two three\n'.repeat(50_000), 'text/markdown', {
      signal: controller.signal,
    });
    const next = parser.parse('next', 'text/plain');
    controller.abort(new Error('gone'));
    await expect(unwanted).rejects.toThrow('gone');
    expect((await next).text).toBe('next');
  });
});

describe('a document that cannot be parsed', () => {
  const heavy = '> - item one two three\n'.repeat(200_000);
  const unreadable = { code: 'DOCUMENT_NOT_READABLE' };

  test('for taking too long is refused, and the next is parsed', { timeout: 60_000 }, async () => {
    await using parser = createParser({ timeoutMs: 1_500 });
    await expect(parser.parse(heavy, 'text/markdown')).rejects.toMatchObject({
      ...unreadable,
      message: 'The document takes too long to parse',
    });
    await using patient = createParser();
    expect((await patient.parse('next', 'text/plain')).text).toBe('next');
  });

  test('for taking too much memory is refused, and the next is parsed', { timeout: 60_000 }, async () => {
    await using parser = createParser({ maxHeapMb: 24 });
    const nested = `${'<b>x<p>'.repeat(40_000)}x`;
    await expect(parser.parse(nested, 'text/html')).rejects.toMatchObject(unreadable);
    expect((await parser.parse('next', 'text/plain')).text).toBe('next');
  });

  test('now, because too much waits, is refused for now', async () => {
    await using parser = createParser({ maxWaitingChars: 10 });
    const first = parser.parse('x'.repeat(100), 'text/plain');
    await expect(parser.parse('y', 'text/plain')).rejects.toMatchObject({
      code: 'OVERLOADED',
      retryAfterMs: 2000,
    });
    expect((await first).text).toHaveLength(100);
    expect((await parser.parse('y', 'text/plain')).text).toBe('y');
  });
});
