import { f32, filled, type GgufMetadata, type GgufTensor, string, tensor, u32 } from './gguf-file.ts';

export interface IdleLlama {
  /** `llama-embed` reads in both directions and writes no tokens. */
  readonly architecture: 'llama' | 'llama-embed';
  readonly name: string;
  /** A multiple of 32. */
  readonly width: number;
  readonly heads: number;
  readonly vocabularySize: number;
  readonly contextTokens: number;
}

const HEAD_WIDTH = 32;

/** A llama of one block that does nothing, so that only the tables before and after it count. */
export function idleLlama({ architecture, ...llama }: IdleLlama): GgufMetadata {
  return {
    'general.architecture': string(architecture),
    'general.name': string(llama.name),
    'general.file_type': u32(2),
    'general.quantization_version': u32(2),
    [`${architecture}.context_length`]: u32(llama.contextTokens),
    [`${architecture}.embedding_length`]: u32(llama.width),
    [`${architecture}.block_count`]: u32(1),
    [`${architecture}.feed_forward_length`]: u32(32),
    [`${architecture}.attention.head_count`]: u32(llama.heads),
    [`${architecture}.attention.head_count_kv`]: u32(llama.heads),
    [`${architecture}.attention.key_length`]: u32(HEAD_WIDTH),
    [`${architecture}.attention.value_length`]: u32(HEAD_WIDTH),
    [`${architecture}.attention.layer_norm_rms_epsilon`]: f32(1e-6),
    [`${architecture}.rope.dimension_count`]: u32(HEAD_WIDTH),
    [`${architecture}.vocab_size`]: u32(llama.vocabularySize),
  };
}

/** A transformer block that adds nothing to what passes through it. */
export function idleBlock({ width, heads }: Pick<IdleLlama, 'width' | 'heads'>): GgufTensor[] {
  const zero = (name: string, rows: number, columns: number) =>
    tensor(`blk.0.${name}.weight`, 'Q4_0', [rows, columns], new Float32Array(rows * columns));
  const inHeads = heads * HEAD_WIDTH;
  return [
    filled('blk.0.attn_norm.weight', [width], 1),
    ...['attn_q', 'attn_k', 'attn_v'].map((name) => zero(name, width, inHeads)),
    zero('attn_output', inHeads, width),
    filled('blk.0.ffn_norm.weight', [width], 1),
    zero('ffn_gate', width, 32),
    zero('ffn_up', width, 32),
    zero('ffn_down', 32, width),
  ];
}
