/** The charset's name as the encoding standard has it, in lower case; undefined for an unknown label. */
export function toEncoding(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** Bytes of these can look like UTF-8 by chance, or are ASCII with escapes; single-byte ones practically cannot. */
export function isMultiByte(encoding: string): boolean {
  return /^(?:gb|big5|euc|shift|iso-2022|utf-16)/.test(encoding);
}

export function decode(body: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(body);
}

/** Undefined where a byte has no meaning in this charset. */
export function decodeStrictly(body: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
