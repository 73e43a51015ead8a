/**
 * Passes the fields of a record one after another. A writer takes each given value and hands it back; a reader ignores
 * what it is given and hands back the value that was written. So one function describes a format in both directions.
 */
export interface Fields {
  /** An integer from 0 on; small ones take one byte (LEB128). */
  count(given?: number): number;
  /** Any safe integer; near 0 they take one byte (zigzag). */
  difference(given?: number): number;
  text(given?: string): string;
}

export function createFieldWriter(): Fields & { bytes(): Uint8Array } {
  const bytes: number[] = [];
  const count = (given = 0) => {
    let rest = given;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
    return given;
  };
  return {
    count,
    difference: (given = 0) => {
      count(given < 0 ? -2 * given - 1 : 2 * given);
      return given;
    },
    text: (given = '') => {
      const encoded = Buffer.from(given);
      count(encoded.length);
      for (const byte of encoded) bytes.push(byte);
      return given;
    },
    bytes: () => Uint8Array.from(bytes),
  };
}

export function createFieldReader(bytes: Uint8Array): Fields {
  let at = 0;
  const count = () => {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  };
  return {
    count,
    difference: () => {
      const value = count();
      return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    },
    text: () => {
      const length = count();
      at += length;
      return Buffer.from(bytes.subarray(at - length, at)).toString();
    },
  };
}
