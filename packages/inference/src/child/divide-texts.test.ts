import type { Token } from 'node-llama-cpp';
import { expect, it } from 'vitest';
import { divideTexts } from './divide-texts.ts';

/** A token for each character, and a mark at both ends. */
const options = {
  mostTokens: 7,
  tokenize: (text: string) => [...text].map((letter) => letter.charCodeAt(0) as Token),
  lengthOf: (tokens: readonly Token[]) => tokens.length + 2,
};
const divide = (texts: readonly string[], prefix = '', onOverflow: 'divide' | 'refuse' = 'divide') =>
  divideTexts({ kind: 'embed', texts, prefix, onOverflow }, options).map((parts) =>
    parts.map((part) => String.fromCharCode(...part)),
  );

it('leaves texts whole that fit, with their prefix and marks', () => {
  expect(divide(['', 'abc', 'abcde'])).toEqual([[''], ['abc'], ['abcde']]);
  expect(divide(['abc'], '>>')).toEqual([['>>abc']]);
});

it('divides longer ones into the fewest parts that fit, about equally long, each behind the prefix', () => {
  expect(divide(['abcdef', 'ab'])).toEqual([['abc', 'def'], ['ab']]);
  expect(divide(['abcdefghijk'])).toEqual([['abcd', 'efgh', 'ijk']]);
  expect(divide(['abcdef'], '>>')).toEqual([['>>abc', '>>def']]);
});

it('refuses them where that is wanted, or the prefix leaves no room', () => {
  const refusal = { code: 'PROMPT_TOO_LONG', message: 'input 1 has 8 tokens, the embedding model takes 7' };
  expect(() => divide(['a', 'abcdef'], '', 'refuse')).toThrow(expect.objectContaining(refusal));
  expect(() => divide(['a'], '>>>>>')).toThrow(expect.objectContaining({ code: 'PROMPT_TOO_LONG' }));
});
