import { f32, filled, type GgufTensor, string, tensor, u32, writeGguf } from './gguf-file.ts';
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
  const last = options.endless ? (ids[0] ?? vocabulary.endToken) : vocabulary.endToken;
  writeGguf(
    path,
    {
      ...llamaMetadata('scripted', width, vocabulary.size, options.contextTokens ?? 8192),
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
      ...idleBlock(width),
    ],
  );
}

function llamaMetadata(name: string, width: number, vocabularySize: number, contextTokens: number) {
  return {
    'general.architecture': string('llama'),
    'general.name': string(name),
    'general.file_type': u32(2),
    'general.quantization_version': u32(2),
    'llama.context_length': u32(contextTokens),
    'llama.embedding_length': u32(width),
    'llama.block_count': u32(1),
    'llama.feed_forward_length': u32(32),
    'llama.attention.head_count': u32(width / 32),
    'llama.attention.head_count_kv': u32(width / 32),
    'llama.attention.layer_norm_rms_epsilon': f32(1e-6),
    'llama.rope.dimension_count': u32(32),
    'llama.vocab_size': u32(vocabularySize),
  };
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

/** A transformer block that adds nothing to what passes through it. */
function idleBlock(width: number): GgufTensor[] {
  const zero = (name: string, rows: number, columns: number) =>
    tensor(`blk.0.${name}.weight`, 'Q4_0', [rows, columns], new Float32Array(rows * columns));
  return [
    filled('blk.0.attn_norm.weight', [width], 1),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => zero(name, width, width)),
    filled('blk.0.ffn_norm.weight', [width], 1),
    zero('ffn_gate', width, 32),
    zero('ffn_up', width, 32),
    zero('ffn_down', 32, width),
  ];
}
