export interface ClustersOptions {
  readonly dimensions: number;
  readonly clusters: number;
}

/**
 * For tests and benches: random vectors around the middles of clusters, which are themselves around one middle, as those of
 * an embedder are: none of them is far from all others, and all point a little the same way.
 */
export function createClusters({ dimensions, clusters }: ClustersOptions): () => Float32Array {
  const random = createRandom(7);
  const around = (middle: Float32Array, spread: number) =>
    middle.map((value) => value + spread * normal(random));
  const middle = around(new Float32Array(dimensions), 0.5);
  const middles = Array.from({ length: clusters }, () => around(middle, 0.7));
  return () => around(middles[Math.floor(random() * clusters)] ?? middle, 0.8);
}

/** The same numbers from 0 to 1 at every run. Source: Vigna, "splitmix", in 32 bits. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller's. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
