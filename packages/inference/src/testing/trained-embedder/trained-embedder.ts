import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type StaticPiece, writeStaticEmbedder } from '../static-embedder.ts';
import { ENCODED_DIMENSIONS, type EncodedPieces, encodePieces, RESERVED } from './encode-pieces.ts';

/** With the one that makes the rows equally long: as many as small embedding models give. */
const DIMENSIONS = 384;
/** From the paper that introduced the weight. */
const COMMON = 1e-4;

/**
 * A GGUF for embeddings with trained weights, so that near vectors mean near texts: each piece alone through a sentence
 * encoder, and a text as the sum of its pieces, the common ones with less weight. Made in some ten seconds when it is
 * first asked for, the same each time, and kept in a folder that git ignores.
 * Source of the weight: Arora, Liang, Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", ICLR 2017.
 */
export async function makeTrainedEmbedder(): Promise<string> {
  const path = join(KEPT, `trained-embedder-${versionOf(SOURCES)}.gguf`);
  if (existsSync(path)) return path;
  mkdirSync(KEPT, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeStaticEmbedder(unfinished, 'trained-embedder', weigh(await encodePieces()));
  for (const name of readdirSync(KEPT)) if (name.endsWith('.gguf')) rmSync(join(KEPT, name), { force: true });
  renameSync(unfinished, path);
  return path;
}

const KEPT = join(import.meta.dirname, '../../../.cache');
const SOURCES = join(import.meta.dirname, '..');

/** Another one with each change of what makes it. */
function versionOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
    if (name.endsWith('.ts')) hash.update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** The first numbers of each vector, less the mean of all pieces: principal components do no better than these. */
function weigh({ pieces, vectors }: EncodedPieces): StaticPiece[] {
  const parts = pieces.map((_, id) =>
    vectors.subarray(id * ENCODED_DIMENSIONS, id * ENCODED_DIMENSIONS + DIMENSIONS - 1),
  );
  const mean = meanOf(parts.slice(RESERVED));
  return pieces.map(({ text, score }, id) => {
    const weight = id < RESERVED ? 0 : COMMON / (COMMON + Math.exp(score));
    const vector = parts[id]?.map((x, dimension) => weight * (x - (mean[dimension] ?? 0)));
    return { text, score, vector: vector ?? new Float32Array(DIMENSIONS - 1) };
  });
}

function meanOf(vectors: readonly Float32Array[]): Float64Array {
  const mean = new Float64Array(DIMENSIONS - 1);
  for (const vector of vectors)
    vector.forEach((x, i) => {
      mean[i] = (mean[i] ?? 0) + x / vectors.length;
    });
  return mean;
}
