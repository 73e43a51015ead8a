import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextStream } from './text-stream.ts';

/** Tokens are UTF-8 bytes, the hardest case there is. */
function stream(stops: readonly string[]) {
  return createTextStream<number>({
    detokenize: (tokens) => Buffer.from(tokens).toString('utf8'),
    stops,
  });
}

function run(text: string, stops: readonly string[]): string {
  const out = stream(stops);
  const parts = [...Buffer.from(text)].map((byte) => out.push(byte));
  return parts.join('') + out.flush();
}

describe('the text of a token stream', () => {
  it('is the whole text when nothing stops it, whatever the characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => run(text, []) === text));
  });

  it('ends before the first stop text, and never shows a part of it', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom('a', 'b', 'ab', 'é', '\n'), { maxLength: 20 })
          .map((parts) => parts.join('')),
        fc.array(fc.constantFrom('ab', 'ba\n', 'é', 'bb', 'aab'), { minLength: 1, maxLength: 3 }),
        (text, stops) => {
          const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at !== -1);
          const expected = found.length === 0 ? text : undefined;
          const got = run(text, stops);
          if (expected !== undefined) expect(got).toBe(expected);
          else expect(stops.some((stop) => got.includes(stop))).toBe(false);
          expect(text.startsWith(got)).toBe(true);
        },
      ),
    );
  });

  it('holds back what may become a stop text, and gives it out when it does not', () => {
    const out = stream(['###']);
    expect(out.push(35)).toBe('');
    expect(out.push(35)).toBe('');
    expect(out.push(65)).toBe('##A');
    expect(out.stopped).toBe(false);
    expect([35, 35, 35].map((byte) => out.push(byte)).join('')).toBe('');
    expect(out.stopped).toBe(true);
    expect(out.flush()).toBe('');
  });
});
