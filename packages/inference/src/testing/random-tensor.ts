import { randomBytes } from 'node:crypto';
import { type GgufTensor, halfBits, type TensorType, tensorBytes } from './gguf-file.ts';

/** Q4_0 weights of a layer; `scale` 1 keeps the size of what passes through them. */
export function randomWeights(prefix: string, scale = 1) {
  return (name: string, shape: readonly [number, number]): GgufTensor =>
    random(`${prefix}${name}.weight`, 'Q4_0', shape, scale / Math.sqrt(shape[0]));
}

/** Random blocks with one scale, so that the values have about the given standard deviation. */
export function random(
  name: string,
  type: TensorType,
  shape: readonly number[],
  deviation: number,
): GgufTensor {
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
