import { f32, filled, type GgufMetadata, type GgufTensor, string, tensor, u32 } from './gguf-file.ts';

export interface IdleLlama {
  readonly name: string;
  /** A multiple of 32. */
  readonly width: number;
  readonly vocabularySize: number;
  readonly contextTokens: number;
}

/** A llama of one block that does nothing, so that only the tables before and after it count. */
export function idleLlama({ name, width, vocabularySize, contextTokens }: IdleLlama): GgufMetadata {
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

/** A transformer block that adds nothing to what passes through it. */
export function idleBlock(width: number): GgufTensor[] {
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
