import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { zipOf } from '../testing/zip-of.ts';
import { openZip } from './open-zip.ts';

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const SAMPLE = zipOf({ 'a/B.xml': 'first', 'c.txt': 'second '.repeat(100) });

describe('openZip', () => {
  it('reads entries by name, in any case of letters', () => {
    const zip = openZip(SAMPLE);
    expect(zip.names).toEqual(['a/B.xml', 'c.txt']);
    expect(text(zip.read('A/b.xml'))).toBe('first');
    expect(text(zip.read('c.txt'))).toBe('second '.repeat(100));
    expect(zip.read('d.txt')).toBeUndefined();
  });

  it('reads stored entries, and an archive that lies within a larger buffer', () => {
    const stored = zipSync({ 'a.txt': new TextEncoder().encode('as it is') }, { level: 0 });
    const larger = new Uint8Array(stored.length + 20);
    larger.set(stored, 10);
    expect(text(openZip(larger.subarray(10, 10 + stored.length)).read('a.txt'))).toBe('as it is');
  });

  it('takes names with ".." and absolute ones as mere keys', () => {
    const zip = openZip(zipOf({ '../../etc/passwd': 'x', '/abs': 'y', 'back\\slash': 'z' }));
    expect(zip.names).toEqual(['../../etc/passwd', 'abs', 'back/slash']);
    expect(text(zip.read('back/slash'))).toBe('z');
  });

  it('refuses every cut-off archive by a code, and never reads beyond it', () => {
    for (let end = 0; end < SAMPLE.length; end++) {
      expect(() => openZip(SAMPLE.subarray(0, end))).toThrow(
        expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }),
      );
    }
  });

  it('refuses an entry whose bytes were changed', () => {
    const broken = SAMPLE.slice();
    broken[40] = (broken[40] ?? 0) ^ 0xff;
    expect(() => openZip(broken).read('a/B.xml')).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }),
    );
  });

  it('refuses 100,000 entries', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => [`${index}`, new Uint8Array()]);
    const bytes = zipSync(Object.fromEntries(names), { level: 0 });
    const code = 'DOCUMENT_TOO_LARGE';
    // 100,000 do not fit into the 16 bits of the count, which is what an attacker would state.
    expect(() => openZip(withCount(bytes, 60_000))).toThrow(expect.objectContaining({ code }));
  });

  it('does not inflate a bomb, whether it states its size or lies about it', () => {
    const bomb = zipOf({ 'bomb.xml': new Uint8Array(64 * 2 ** 20), 'small.xml': 'kept' });
    expect(() => openZip(bomb).read('bomb.xml')).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_TOO_LARGE' }),
    );
    expect(text(openZip(bomb).read('small.xml'))).toBe('kept');
    const liar = bomb.slice();
    const directory = new DataView(liar.buffer).getUint32(liar.length - 6, true);
    new DataView(liar.buffer).setUint32(directory + 24, 1000, true);
    expect(() => openZip(liar).read('bomb.xml')).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_DAMAGED' }),
    );
  });

  it('limits all entries together', () => {
    const half = new Uint8Array(70 * 2 ** 20);
    const zip = openZip(zipSync({ a: half, b: half }, { level: 0 }));
    expect(zip.read('a')?.length).toBe(half.length);
    expect(() => zip.read('b')).toThrow(expect.objectContaining({ code: 'DOCUMENT_TOO_LARGE' }));
  });

  it('names an entry that needs a password', () => {
    const locked = SAMPLE.slice();
    const directory = new DataView(locked.buffer).getUint32(locked.length - 6, true);
    locked[directory + 8] = 1;
    expect(() => openZip(locked).read('a/B.xml')).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_ENCRYPTED' }),
    );
  });
});

function withCount(bytes: Uint8Array, count: number): Uint8Array {
  new DataView(bytes.buffer).setUint16(bytes.length - 12, count, true);
  return bytes;
}
