import { filled, string, tensor, writeGguf } from './gguf-file.ts';
import { idleBlock, idleLlama } from './idle-llama.ts';
import { sentencePieceVocabulary } from './vocabulary.ts';

/** The end of a script that another one follows. */
export const END = null;

export interface ScriptOptions {
  /** After the last piece comes the first again, without end. */
  readonly endless?: boolean;
  readonly contextTokens?: number;
  /** ChatML by default. */
  readonly chatTemplate?: string;
}

/**
 * A real GGUF whose weights are a table of successors: whatever the prompt, the model writes `pieces` and then the end
 * token, at any temperature. Everything around the weights (tokenizer, template, state, sampler, stop) is the real thing.
 * The pieces must be distinct; each becomes one token. After `END` stands
 * another script, for prompts that end in its first character.
 */
export function writeScriptedModel(
  path: string,
  pieces: readonly (string | typeof END)[],
  options: ScriptOptions = {},
): void {
  const words = pieces.filter((piece) => piece !== END);
  if (new Set(words).size !== words.length) throw new RangeError('the pieces of a script must be distinct');
  const vocabulary = sentencePieceVocabulary(words);
  const ids = pieces.map((piece) => (piece === END ? vocabulary.endToken : vocabulary.id(piece)));
  const width = Math.ceil((pieces.length + 2) / 32) * 32;
  const size = { width, heads: width / 32 };
  const last = options.endless ? (ids[0] ?? vocabulary.endToken) : vocabulary.endToken;
  writeGguf(
    path,
    {
      ...idleLlama({
        architecture: 'llama',
        name: 'scripted',
        ...size,
        vocabularySize: vocabulary.size,
        contextTokens: options.contextTokens ?? 8192,
      }),
      ...vocabulary.metadata,
      ...(options.chatTemplate === undefined
        ? {}
        : { 'tokenizer.chat_template': string(options.chatTemplate) }),
    },
    [
      tensor('token_embd.weight', 'Q4_0', [width, vocabulary.size], states(width, vocabulary.size, ids)),
      filled('output_norm.weight', [width], 1),
      tensor(
        'output.weight',
        'Q4_0',
        [width, vocabulary.size],
        successors(width, vocabulary.size, [...ids, last]),
      ),
      ...idleBlock(size),
    ],
  );
}

/** Dimension 0 stands for "outside the script", dimension i + 1 for its token i. */
function states(width: number, size: number, ids: readonly number[]): Float32Array {
  const table = new Float32Array(size * width);
  for (let token = 0; token < size; token++) table[token * width] = 1;
  ids.forEach((token, index) => {
    table[token * width] = 0;
    table[token * width + index + 1] = 1;
  });
  return table;
}

/** State i makes token i of the chain by far the likeliest. With an endless script state n leads to token 0 too. */
function successors(width: number, size: number, chain: readonly number[]): Float32Array {
  const table = new Float32Array(size * width);
  chain.forEach((token, state) => {
    table[token * width + state] = 8;
  });
  return table;
}
