/** How a vector is kept: the sign of each number as a bit, and its magnitude apart, as a share of the vector's largest. */
export interface Quantised {
  readonly bits: Int32Array;
  readonly magnitudes: Uint8Array;
}

const MOST = 63;

function wordsOf(dimensions: number): number {
  return Math.ceil(dimensions / 32);
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

/** The cosine between a vector and one that is kept. `bits` begin at word `from`. */
export function cosine(query: Float32Array, { bits, magnitudes }: Quantised, from = 0): number {
  let dot = 0;
  let squares = 0;
  for (let n = 0, at = 0; n < query.length; at += 3) {
    let four = (magnitudes[at] ?? 0) | ((magnitudes[at + 1] ?? 0) << 8) | ((magnitudes[at + 2] ?? 0) << 16);
    for (const end = Math.min(n + 4, query.length); n < end; n++, four >>= 6) {
      const size = four & MOST;
      const isPositive = (((bits[from + (n >> 5)] ?? 0) >>> (n & 31)) & 1) === 1;
      dot += (query[n] ?? 0) * (isPositive ? size : -size);
      squares += size * size;
    }
  }
  return dot / (Math.sqrt(squares) * normOf(query));
}

function normOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
