import { tensor, u32, writeGguf } from './gguf-file.ts';
import { idleBlock, idleLlama } from './idle-llama.ts';
import { type ScoredPiece, unigramVocabulary } from './unigram-vocabulary.ts';

/** A piece of text with its score and its vector. All vectors have one length, one less than a multiple of 32. */
export interface StaticPiece extends ScoredPiece {
  readonly vector: Float32Array;
}

const CONTEXT_TOKENS = 2048;
const MEAN = 1;

/**
 * A real GGUF whose vector of a text points where the sum of its pieces' vectors does. One dimension more makes all rows of the
 * table equally long, so that the norm after the block divides each by the same number; the norm's weight then clears it.
 */
export function writeStaticEmbedder(path: string, name: string, pieces: readonly StaticPiece[]): void {
  const width = (pieces[0]?.vector.length ?? 0) + 1;
  const squares = pieces.map(({ vector }) => vector.reduce((sum, x) => sum + x * x, 0));
  const most = Math.max(...squares);
  const table = new Float32Array(pieces.length * width);
  for (const [id, { vector }] of pieces.entries()) {
    table.set(vector, id * width);
    table[(id + 1) * width - 1] = Math.sqrt(most - (squares[id] ?? 0));
  }
  const weights = new Float32Array(width).fill(1);
  weights[width - 1] = 0;
  const size = { width, heads: 1 };
  const llama = idleLlama({
    architecture: 'llama-embed',
    name,
    ...size,
    vocabularySize: pieces.length,
    contextTokens: CONTEXT_TOKENS,
  });
  writeGguf(path, { ...llama, 'llama-embed.pooling_type': u32(MEAN), ...unigramVocabulary(pieces) }, [
    tensor('token_embd.weight', 'F32', [width, pieces.length], table),
    tensor('output_norm.weight', 'F32', [width], weights),
    ...idleBlock(size),
  ]);
}
