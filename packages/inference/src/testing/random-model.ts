import { f32, filled, type GgufMetadata, string, u32, writeGguf } from './gguf-file.ts';
import { random, randomWeights } from './random-tensor.ts';
import { sentencePieceVocabulary } from './vocabulary.ts';

export interface LlamaShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly feedForward: number;
  readonly contextTokens: number;
  /** Padding tokens are added up to this size, so that sampling costs what it costs in a real model. */
  readonly vocabularySize?: number;
}

export const LLAMA_TINY: LlamaShape = {
  width: 64,
  layers: 2,
  heads: 2,
  kvHeads: 1,
  feedForward: 128,
  contextTokens: 4096,
};

/** The shape of SmolLM2-135M. */
export const LLAMA_135M: LlamaShape = {
  width: 576,
  layers: 30,
  heads: 9,
  kvHeads: 3,
  feedForward: 1536,
  contextTokens: 8192,
  vocabularySize: 49_152,
};

/** The shape of Qwen2.5-0.5B, but for the biases of its attention, and two thirds of its words. */
export const LLAMA_05B: LlamaShape = {
  width: 896,
  layers: 24,
  heads: 14,
  kvHeads: 2,
  feedForward: 4864,
  contextTokens: 8192,
  vocabularySize: 100_000,
};

/** A llama of random Q4_0 weights: speed does not depend on the values. The text is noise and seldom ends by itself. */
export function writeRandomLlama(path: string, shape: LlamaShape, chatTemplate?: string): void {
  const { width, heads, kvHeads, feedForward } = shape;
  const filler = Array.from({ length: Math.max(0, (shape.vocabularySize ?? 0) - 400) }, (_, i) => ` w${i}`);
  const vocabulary = sentencePieceVocabulary(filler);
  const keys = (width / heads) * kvHeads;
  const blocks = Array.from({ length: shape.layers }, (_, layer) => {
    const weight = randomWeights(`blk.${layer}.`);
    return [
      filled(`blk.${layer}.attn_norm.weight`, [width], 1),
      weight('attn_q', [width, width]),
      weight('attn_k', [width, keys]),
      weight('attn_v', [width, keys]),
      weight('attn_output', [width, width]),
      filled(`blk.${layer}.ffn_norm.weight`, [width], 1),
      weight('ffn_gate', [width, feedForward]),
      weight('ffn_up', [width, feedForward]),
      weight('ffn_down', [feedForward, width]),
    ];
  });
  const template = chatTemplate === undefined ? {} : { 'tokenizer.chat_template': string(chatTemplate) };
  writeGguf(path, { ...llamaMetadata(shape, vocabulary.size), ...vocabulary.metadata, ...template }, [
    random('token_embd.weight', 'Q8_0', [width, vocabulary.size], 0.05),
    filled('output_norm.weight', [width], 1),
    ...blocks.flat(),
  ]);
}

function llamaMetadata(shape: LlamaShape, vocabularySize: number): GgufMetadata {
  return {
    'general.architecture': string('llama'),
    'general.name': string('random-llama'),
    'general.file_type': u32(2),
    'general.quantization_version': u32(2),
    'llama.context_length': u32(shape.contextTokens),
    'llama.embedding_length': u32(shape.width),
    'llama.block_count': u32(shape.layers),
    'llama.feed_forward_length': u32(shape.feedForward),
    'llama.attention.head_count': u32(shape.heads),
    'llama.attention.head_count_kv': u32(shape.kvHeads),
    'llama.attention.layer_norm_rms_epsilon': f32(1e-5),
    'llama.rope.dimension_count': u32(shape.width / shape.heads),
    'llama.vocab_size': u32(vocabularySize),
  };
}
