/** How a vector is kept: the sign of each number as a bit, and its magnitude apart, as a share of the vector's largest. */
export interface Quantised {
  readonly bits: Int32Array;
  readonly magnitudes: Uint8Array;
}

const MOST = 63;

/** An even number of words, since they are compared in pairs. */
function wordsOf(dimensions: number): number {
  return Math.ceil(dimensions / 64) * 2;
}

/** Undefined for a vector that has no direction. */
export function quantise(vector: Float32Array): Quantised | undefined {
  let most = 0;
  for (const value of vector) {
    if (!Number.isFinite(value)) return undefined;
    most = Math.max(most, Math.abs(value));
  }
  if (most === 0) return undefined;
  return { bits: signsOf(vector), magnitudes: packMagnitudes(vector, most) };
}

/** Bit n of word w is set where number 32 w + n is not negative. */
export function signsOf(vector: Float32Array): Int32Array {
  const bits = new Int32Array(wordsOf(vector.length));
  for (const [n, value] of vector.entries())
    if (value >= 0) bits[n >> 5] = (bits[n >> 5] ?? 0) | (1 << (n & 31));
  return bits;
}

/** Four numbers of 6 bits in three bytes. */
function packMagnitudes(vector: Float32Array, most: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(vector.length / 4) * 3);
  const at = (n: number) => Math.round((Math.abs(vector[n] ?? 0) / most) * MOST);
  for (let n = 0, to = 0; n < vector.length; n += 4) {
    const four = at(n) | (at(n + 1) << 6) | (at(n + 2) << 12) | (at(n + 3) << 18);
    packed[to++] = four;
    packed[to++] = four >> 8;
    packed[to++] = four >> 16;
  }
  return packed;
}

/** What comes out is kept again as it was: a small negative number, which has no magnitude left, keeps its sign. */
export function dequantise({ bits, magnitudes }: Quantised, dimensions: number): Float32Array {
  return Float32Array.from({ length: dimensions }, (_, n) => {
    const at = (n >> 2) * 3;
    const four = (magnitudes[at] ?? 0) | ((magnitudes[at + 1] ?? 0) << 8) | ((magnitudes[at + 2] ?? 0) << 16);
    const size = (four >>> (6 * (n & 3))) & MOST;
    const isPositive = ((bits[n >> 5] ?? 0) >>> (n & 31)) & 1;
    return isPositive ? size : -Math.max(size, LEAST);
  });
}

/** Rounded to no magnitude, and not to zero. */
const LEAST = 0.01;

/**
 * The cosine between a vector of length 1 and one that is kept, whose bits begin at word `from`. The hundreds of candidates
 * of each question go through it, so that it neither branches by sign nor checks for the end within four numbers.
 */
export function cosine(unit: Float32Array, { bits, magnitudes }: Quantised, from = 0): number {
  let dot = 0;
  let squares = 0;
  for (let n = 0, at = 0; n < unit.length; n += 4, at += 3) {
    const four =
      (magnitudes[at] as number) |
      ((magnitudes[at + 1] as number) << 8) |
      ((magnitudes[at + 2] as number) << 16);
    const signs = (bits[from + (n >> 5)] as number) >>> (n & 31);
    for (let i = 0; i < 4 && n + i < unit.length; i++) {
      const size = (four >>> (6 * i)) & MOST;
      const isPositive = (signs >>> i) & 1;
      dot += (unit[n + i] as number) * (isPositive + isPositive - 1) * size;
      squares += size * size;
    }
  }
  return dot / Math.sqrt(squares);
}

/** The vector with length 1. */
export function unitOf(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
