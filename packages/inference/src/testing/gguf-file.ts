import { closeSync, openSync, writeSync } from 'node:fs';

/**
 * Writes GGUF version 3 (little endian, tensors aligned to 32 bytes), as specified in ggml's `docs/gguf.md`.
 * `shape[0]` is the length of a row; the rows of quantised tensors are multiples of 32.
 */
export function writeGguf(path: string, metadata: GgufMetadata, tensors: readonly GgufTensor[]): void {
  const fd = openSync(path, 'w');
  try {
    writeSync(fd, header(metadata, tensors));
    for (const tensor of tensors) {
      const bytes = tensor.data();
      const expected = tensorBytes(tensor);
      if (bytes.length !== expected) {
        throw new RangeError(`${tensor.name} has ${bytes.length} bytes, its shape asks for ${expected}`);
      }
      writeSync(fd, bytes);
      writeSync(fd, Buffer.alloc(aligned(expected) - expected));
    }
  } finally {
    closeSync(fd);
  }
}

export type GgufMetadata = Readonly<Record<string, GgufValue>>;

export type GgufValue =
  | { readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'f32s' | 'i32s'; readonly value: readonly number[] }
  | { readonly type: 'u8s'; readonly value: Uint8Array };

export type TensorType = 'F32' | 'Q4_0' | 'Q8_0';

export interface GgufTensor {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** Called when the tensor is written, so that large models need not lie in memory. */
  readonly data: () => Uint8Array;
}

export const u32 = (value: number): GgufValue => ({ type: 'u32', value });
export const f32 = (value: number): GgufValue => ({ type: 'f32', value });
export const bool = (value: boolean): GgufValue => ({ type: 'bool', value });
export const string = (value: string): GgufValue => ({ type: 'string', value });

export function tensor(
  name: string,
  type: TensorType,
  shape: readonly number[],
  values: Float32Array,
): GgufTensor {
  return { name, type, shape, data: () => ENCODE[type](values) };
}

export function filled(name: string, shape: readonly number[], value: number): GgufTensor {
  return tensor(name, 'F32', shape, new Float32Array(count(shape)).fill(value));
}

export function tensorBytes({ type, shape }: Pick<GgufTensor, 'type' | 'shape'>): number {
  const { elements, bytes } = BLOCK[type];
  return (count(shape) / elements) * bytes;
}

/** IEEE 754 half precision, rounded to nearest; good for the scales of quantised blocks. */
export function halfBits(value: number): number {
  FLOAT[0] = value;
  const bits = FLOAT_BITS[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent > 0) return sign + (exponent << 10) + ((mantissa + 0x1000) >>> 13);
  if (exponent < -10) return sign;
  const shift = 14 - exponent;
  return sign | (((mantissa | 0x800000) + (1 << (shift - 1))) >>> shift);
}

const ALIGNMENT = 32;
const FLOAT = new Float32Array(1);
const FLOAT_BITS = new Uint32Array(FLOAT.buffer);

const TENSOR_TYPE = { F32: 0, Q4_0: 2, Q8_0: 8 } as const satisfies Record<TensorType, number>;
const VALUE_TYPE = { u8: 0, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const BLOCK = {
  F32: { elements: 1, bytes: 4 },
  Q4_0: { elements: 32, bytes: 18 },
  Q8_0: { elements: 32, bytes: 34 },
} as const satisfies Record<TensorType, { elements: number; bytes: number }>;

const ENCODE = { F32: encodeF32, Q4_0: encodeQ4, Q8_0: encodeQ8 } as const;

function header(metadata: GgufMetadata, tensors: readonly GgufTensor[]): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from('GGUF'), le32(3), le64(tensors.length), le64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), ...encodeValue(value));
  let offset = 0;
  for (const { name, type, shape } of tensors) {
    parts.push(text(name), le32(shape.length), ...shape.map(le64), le32(TENSOR_TYPE[type]), le64(offset));
    offset += aligned(tensorBytes({ type, shape }));
  }
  const whole = Buffer.concat(parts);
  return Buffer.concat([whole, Buffer.alloc(aligned(whole.length) - whole.length)]);
}

function encodeValue(value: GgufValue): Buffer[] {
  switch (value.type) {
    case 'u32':
    case 'i32':
    case 'f32':
      return [le32(VALUE_TYPE[value.type]), number(value.type, value.value)];
    case 'bool':
      return [le32(VALUE_TYPE.bool), Buffer.from([value.value ? 1 : 0])];
    case 'string':
      return [le32(VALUE_TYPE.string), text(value.value)];
    case 'strings':
      return [...arrayHead(VALUE_TYPE.string, value.value.length), ...value.value.map(text)];
    case 'f32s':
      return [...arrayHead(VALUE_TYPE.f32, value.value.length), ...value.value.map((n) => number('f32', n))];
    case 'u8s':
      return [...arrayHead(VALUE_TYPE.u8, value.value.length), Buffer.from(value.value)];
    case 'i32s':
      return [...arrayHead(VALUE_TYPE.i32, value.value.length), ...value.value.map((n) => number('i32', n))];
  }
}

function arrayHead(elementType: number, length: number): Buffer[] {
  return [le32(VALUE_TYPE.array), le32(elementType), le64(length)];
}

function number(type: 'u32' | 'i32' | 'f32', value: number): Buffer {
  const bytes = Buffer.alloc(4);
  if (type === 'u32') bytes.writeUInt32LE(value);
  else if (type === 'i32') bytes.writeInt32LE(value);
  else bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([le64(bytes.length), bytes]);
}

function le32(value: number): Buffer {
  return number('u32', value);
}

function le64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function encodeF32(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Blocks of 32: a half-precision scale, then 16 bytes that each hold elements i (low) and i + 16 (high). */
function encodeQ4(values: Float32Array): Uint8Array {
  const out = Buffer.alloc((values.length / 32) * BLOCK.Q4_0.bytes);
  for (let block = 0, at = 0; block < values.length; block += 32, at += BLOCK.Q4_0.bytes) {
    const scale = extreme(values, block) / -8;
    const inverse = scale === 0 ? 0 : 1 / scale;
    const quant = (i: number) =>
      Math.min(15, Math.max(0, Math.floor((values[block + i] ?? 0) * inverse + 8.5)));
    out.writeUInt16LE(halfBits(scale), at);
    for (let i = 0; i < 16; i++) out[at + 2 + i] = quant(i) | (quant(i + 16) << 4);
  }
  return out;
}

/** Blocks of 32: a half-precision scale, then 32 signed bytes. */
function encodeQ8(values: Float32Array): Uint8Array {
  const out = Buffer.alloc((values.length / 32) * BLOCK.Q8_0.bytes);
  for (let block = 0, at = 0; block < values.length; block += 32, at += BLOCK.Q8_0.bytes) {
    const scale = Math.abs(extreme(values, block)) / 127;
    out.writeUInt16LE(halfBits(scale), at);
    for (let i = 0; i < 32; i++) {
      out.writeInt8(scale === 0 ? 0 : Math.round((values[block + i] ?? 0) / scale), at + 2 + i);
    }
  }
  return out;
}

/** The value of largest magnitude in the block, with its sign. */
function extreme(values: Float32Array, start: number): number {
  let found = 0;
  for (let i = start; i < start + 32; i++) {
    const value = values[i] ?? 0;
    if (Math.abs(value) > Math.abs(found)) found = value;
  }
  return found;
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
