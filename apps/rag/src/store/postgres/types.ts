import pg from 'pg';

const BYTEA = 17;
const INT8 = 20;
const NUMERIC = 1700;

/** What the driver would give as text: sums and ids, none of which leaves the safe integers, and bytes. */
export const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') => {
    if (oid === INT8 || oid === NUMERIC) return Number;
    if (oid === BYTEA) return bytesOf;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

function bytesOf(text: string): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(text.slice(2), 'hex');
  return new Uint8Array(buffer, byteOffset, length);
}
