import { randomBytes } from 'node:crypto';
import {
  f32,
  filled,
  type GgufMetadata,
  type GgufTensor,
  halfBits,
  string,
  type TensorType,
  tensorBytes,
  u32,
  writeGguf,
} from './gguf-file.ts';
import { sentencePieceVocabulary, wordPieceVocabulary } from './vocabulary.ts';

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

export interface BertShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly contextTokens: number;
}

const BERT_TINY: BertShape = { width: 64, layers: 2, heads: 2, feedForward: 128, contextTokens: 512 };

/** A llama of random Q4_0 weights: speed does not depend on the values. The text is noise and seldom ends by itself. */
export function writeRandomLlama(path: string, shape: LlamaShape, chatTemplate?: string): void {
  const { width, heads, kvHeads, feedForward } = shape;
  const filler = Array.from({ length: Math.max(0, (shape.vocabularySize ?? 0) - 400) }, (_, i) => ` w${i}`);
  const vocabulary = sentencePieceVocabulary(filler);
  const keys = (width / heads) * kvHeads;
  const blocks = Array.from({ length: shape.layers }, (_, layer) => {
    const weight = weights(`blk.${layer}.`);
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

/** A BERT of random weights: `embed` pools by mean, `rerank` has a classifier of one output. */
export function writeRandomBert(
  path: string,
  purpose: 'embed' | 'rerank',
  shape: BertShape = BERT_TINY,
): void {
  const { width, feedForward } = shape;
  const vocabulary = wordPieceVocabulary(
    'the of and to in is it for what how search cat dog river bank'.split(' '),
  );
  const norm = (name: string) => [filled(`${name}.weight`, [width], 1), filled(`${name}.bias`, [width], 0)];
  const blocks = Array.from({ length: shape.layers }, (_, layer) => {
    const dense = (name: string, from: number, to: number) => [
      weights(`blk.${layer}.`)(name, [from, to]),
      filled(`blk.${layer}.${name}.bias`, [to], 0),
    ];
    return [
      ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].flatMap((name) => dense(name, width, width)),
      ...norm(`blk.${layer}.attn_output_norm`),
      ...dense('ffn_up', width, feedForward),
      ...dense('ffn_down', feedForward, width),
      ...norm(`blk.${layer}.layer_output_norm`),
    ];
  });
  const classifier = [
    ...[weights('')('cls', [width, width]), filled('cls.bias', [width], 0)],
    ...[random('cls.output.weight', 'F32', [width, 1], 0.3), filled('cls.output.bias', [1], 0)],
  ];
  writeGguf(path, { ...bertMetadata(shape, purpose), ...vocabulary.metadata }, [
    random('token_embd.weight', 'Q8_0', [width, vocabulary.size], 0.5),
    filled('position_embd.weight', [width, shape.contextTokens], 0),
    filled('token_types.weight', [width, 2], 0),
    ...norm('token_embd_norm'),
    ...blocks.flat(),
    ...(purpose === 'rerank' ? classifier : []),
  ]);
}

function weights(prefix: string) {
  return (name: string, shape: readonly [number, number]): GgufTensor =>
    random(`${prefix}${name}.weight`, 'Q4_0', shape, 1 / Math.sqrt(shape[0]));
}

/** Random blocks with one scale, so that the values have about the given standard deviation. */
function random(name: string, type: TensorType, shape: readonly number[], deviation: number): GgufTensor {
  const data = () => {
    const bytes = randomBytes(tensorBytes({ type, shape }));
    if (type === 'F32')
      return Buffer.from(
        Float32Array.from(bytes.subarray(0, bytes.length / 4), (b) => (b / 128 - 1) * deviation).buffer,
      );
    const [block, spread] = type === 'Q4_0' ? [18, 4.6] : [34, 73];
    for (let at = 0; at < bytes.length; at += block) bytes.writeUInt16LE(halfBits(deviation / spread), at);
    return bytes;
  };
  return { name, type, shape, data };
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

function bertMetadata(shape: BertShape, purpose: 'embed' | 'rerank'): GgufMetadata {
  const MEAN = 1;
  const RANK = 4;
  return {
    'general.architecture': string('bert'),
    'general.name': string(`random-bert-${purpose}`),
    'general.file_type': u32(2),
    'general.quantization_version': u32(2),
    'bert.context_length': u32(shape.contextTokens),
    'bert.embedding_length': u32(shape.width),
    'bert.block_count': u32(shape.layers),
    'bert.feed_forward_length': u32(shape.feedForward),
    'bert.attention.head_count': u32(shape.heads),
    'bert.attention.layer_norm_epsilon': f32(1e-12),
    'bert.attention.causal': { type: 'bool', value: false },
    'bert.pooling_type': u32(purpose === 'rerank' ? RANK : MEAN),
  };
}
