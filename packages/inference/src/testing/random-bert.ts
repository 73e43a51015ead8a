import { QUESTION_SETS } from '../child/probe-questions.ts';
import {
  f32,
  filled,
  type GgufMetadata,
  type GgufTensor,
  string,
  tensor,
  u32,
  writeGguf,
} from './gguf-file.ts';
import { randomWeights } from './random-tensor.ts';
import { type Vocabulary, wordPieceVocabulary } from './vocabulary.ts';

export interface BertShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly contextTokens: number;
}

const BERT_TINY: BertShape = { width: 64, layers: 2, heads: 2, feedForward: 128, contextTokens: 512 };

type Purpose = 'embed' | 'rerank';

/**
 * A BERT of random weights that knows the topics of the probe by their English words, and so passes it at any shape:
 * its layers cost what trained ones do and change little of what passes through them. `embed` pools by mean; `rerank`
 * scores texts of one topic with the query higher.
 */
export function writeRandomBert(path: string, purpose: Purpose, shape: BertShape = BERT_TINY): void {
  writeBert(path, { purpose, shape, embeddings: knowTopics });
}

/** A BERT that knows nothing: each word has a vector at random, and texts that share words are near each other. */
export function writeUnknowingBert(path: string, purpose: Purpose, shape: BertShape = BERT_TINY): void {
  const embeddings = (width: number, { size }: Vocabulary) =>
    Float32Array.from({ length: width * size }, () => Math.random() - 0.5);
  writeBert(path, { purpose, shape, embeddings });
}

/** A BERT to which all words are the same, so that its vectors and scores mean nothing. */
export function writeDullBert(path: string, purpose: Purpose): void {
  const embeddings = (width: number, { size }: Vocabulary) => new Float32Array(width * size).fill(1);
  writeBert(path, { purpose, shape: BERT_TINY, embeddings });
}

interface Bert {
  readonly purpose: Purpose;
  readonly shape: BertShape;
  readonly embeddings: (width: number, vocabulary: Vocabulary) => Float32Array;
}

function writeBert(path: string, { purpose, shape, embeddings }: Bert): void {
  const { width, feedForward } = shape;
  const vocabulary = wordPieceVocabulary([
    ...'the of and to in is it for what how search cat dog river bank'.split(' '),
    ...WORDS,
  ]);
  const norm = (name: string) => [filled(`${name}.weight`, [width], 1), filled(`${name}.bias`, [width], 0)];
  const blocks = Array.from({ length: shape.layers }, (_, layer) => {
    const block = `blk.${layer}.`;
    const dense = (name: string, from: number, to: number) => [
      layer === 0 && name.startsWith('attn_')
        ? attention(`${block}${name}.weight`, width)
        : randomWeights(block, 0.05)(name, [from, to]),
      filled(`${block}${name}.bias`, [to], 0),
    ];
    return [
      ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].flatMap((name) => dense(name, width, width)),
      ...norm(`${block}attn_output_norm`),
      ...dense('ffn_up', width, feedForward),
      ...dense('ffn_down', feedForward, width),
      ...norm(`${block}layer_output_norm`),
    ];
  });
  writeGguf(path, { ...bertMetadata(shape, purpose), ...vocabulary.metadata }, [
    tensor('token_embd.weight', 'Q8_0', [width, vocabulary.size], embeddings(width, vocabulary)),
    filled('position_embd.weight', [width, shape.contextTokens], 0),
    filled('token_types.weight', [width, 2], 0),
    ...norm('token_embd_norm'),
    ...blocks.flat(),
    ...(purpose === 'rerank' ? classifier(width) : []),
  ]);
}

/** Of the probe, in all its languages. */
const WORDS = QUESTION_SETS.flat().flatMap(
  ({ question, passage }) => `${question} ${passage}`.toLowerCase().match(/\p{L}+/gu) ?? [],
);

/** Each English word of the probe that is in one topic only, with its topic. */
const TOPIC_WORDS = findTopicWords();

function findTopicWords(): ReadonlyMap<string, number> {
  const topics = new Map<string, Set<number>>();
  for (const [topic, { question, passage }] of (QUESTION_SETS[0] ?? []).entries()) {
    for (const word of `${question} ${passage}`.toLowerCase().match(/[a-z]+/g) ?? []) {
      topics.set(word, (topics.get(word) ?? new Set()).add(topic));
    }
  }
  const single = [...topics].filter(([, where]) => where.size === 1);
  return new Map(single.map(([word, where]) => [word, Math.min(...where)]));
}

/** Dimension t stands for topic t; the others are random. */
function knowTopics(width: number, vocabulary: Vocabulary): Float32Array {
  const isTopic = (at: number) => at % width < TOPICS;
  const length = width * vocabulary.size;
  const table = Float32Array.from({ length }, (_, at) => (isTopic(at) ? 0 : Math.random() - 0.5));
  for (const [word, topic] of TOPIC_WORDS) {
    table[vocabulary.id(`▁${word}`) * width + topic] = Math.sqrt(width / 12);
  }
  return table;
}

/** Adds the mean of all tokens to each, so that the first token knows the topics of a pair. */
function attention(name: string, width: number): GgufTensor {
  const looks = /attn_[qk]\./.test(name) ? 0 : 1;
  const strength = name.includes('attn_v') ? 4 * looks : looks;
  const table = new Float32Array(width * width);
  for (let at = 0; at < width; at++) table[at * width + at] = strength;
  return tensor(name, 'Q4_0', [width, width], table);
}

/** The pooler's first outputs tell which topics are in the pair: the fewer, the higher the score. */
function classifier(width: number): GgufTensor[] {
  const pooler = Float32Array.from({ length: width * width }, () => (Math.random() - 0.5) / Math.sqrt(width));
  const bias = new Float32Array(width);
  const output = Float32Array.from({ length: width }, () => (Math.random() - 0.5) / 50);
  for (let topic = 0; topic < TOPICS; topic++) {
    pooler.fill(0, topic * width, (topic + 1) * width);
    pooler[topic * width + topic] = 10 / Math.sqrt(width);
    bias[topic] = -1;
    output[topic] = -1;
  }
  return [
    tensor('cls.weight', 'F32', [width, width], pooler),
    tensor('cls.bias', 'F32', [width], bias),
    tensor('cls.output.weight', 'F32', [width, 1], output),
    // A topic that is not in the pair adds 0.76.
    filled('cls.output.bias', [1], 2.5 - TOPICS * Math.tanh(1)),
  ];
}

const TOPICS = QUESTION_SETS[0]?.length ?? 0;

function bertMetadata(shape: BertShape, purpose: Purpose): GgufMetadata {
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
