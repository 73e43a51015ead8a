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

/** Each in a buffer of its own, which can be handed to a thread. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length - 2) / 2);
  Buffer.from(bytes.buffer).write(text.slice(2), 'hex');
  return bytes;
}
