import type { EmbeddingRequest } from '@xnai/contracts';
import { ServiceError } from '@xnai/service';

/**
 * The texts of an embedding request. Token ids are read in OpenAI's encoding cl100k_base: that of its embedding models,
 * and what clients that know no other tokenizer encode with, such as LangChain for Python.
 *
 * @throws {ServiceError} VALIDATION when an id is not in that encoding
 */
export async function inputTexts(input: EmbeddingRequest['input']): Promise<readonly string[]> {
  if (typeof input === 'string') return [input];
  const [first] = input;
  if (typeof first === 'string') return input as string[];
  // Its vocabulary takes half a second to load and some 20 MB, which only a few clients need.
  const { decode } = await import('gpt-tokenizer/encoding/cl100k_base');
  const lists = (typeof first === 'number' ? [input] : input) as number[][];
  return lists.map((ids, index) => {
    try {
      return decode(ids);
    } catch (cause) {
      const path = lists.length === 1 ? 'input' : `input.${index}`;
      const message = 'expected token ids of the encoding cl100k_base; send the text itself';
      throw new ServiceError('VALIDATION', {
        detail: `${path}: ${message}`,
        errors: [{ path, message }],
        cause,
      });
    }
  });
}
