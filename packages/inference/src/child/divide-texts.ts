import type { Token } from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import type { EmbedCall } from './messages.ts';

export interface DivideOptions {
  /** That the context holds, with the marks around a text. */
  readonly mostTokens: number;
  readonly tokenize: (text: string) => readonly Token[];
  /** With the marks. */
  readonly lengthOf: (tokens: readonly Token[]) => number;
}

/**
 * The tokens of each text: whole where they fit into the context, else in the fewest parts that do, equally long so that
 * each counts the same in their mean. A part that is cut off, instead, would never be found by what it means.
 *
 * @throws {ModelError} PROMPT_TOO_LONG for a text that may not be divided, or a prefix that leaves no room
 */
export function divideTexts(
  { texts, prefix, onOverflow }: EmbedCall,
  { mostTokens, tokenize, lengthOf }: DivideOptions,
): readonly (readonly (readonly Token[])[])[] {
  return texts.map((text, index) => {
    const whole = tokenize(prefix + text);
    const length = lengthOf(whole);
    if (length <= mostTokens) return [whole];
    const before = tokenize(prefix);
    const room = mostTokens - lengthOf(before);
    if (onOverflow === 'refuse' || room < 1) {
      const detail = `input ${index} has ${length} tokens, the embedding model takes ${mostTokens}`;
      throw new ModelError('PROMPT_TOO_LONG', { detail });
    }
    return cut(tokenize(text), room).map((part) => [...before, ...part]);
  });
}

function cut(tokens: readonly Token[], most: number): (readonly Token[])[] {
  const parts = Math.ceil(tokens.length / most);
  const size = Math.ceil(tokens.length / parts);
  return Array.from({ length: parts }, (_, n) => tokens.slice(n * size, (n + 1) * size));
}
