import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID (https://github.com/ulid/spec): 26 characters that sort by the time they were made at. */
export function createUlid(nowMs: number, random: Uint8Array = randomBytes(16)): string {
  let time = '';
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
    time = ALPHABET.charAt(rest % 32) + time;
  }
  return time + Array.from(random, (byte) => ALPHABET.charAt(byte % 32)).join('');
}

/** When a ULID was made, in epoch milliseconds. */
export function timeOfUlid(id: string): number {
  return Array.from(id.slice(0, 10)).reduce((ms, letter) => ms * 32 + ALPHABET.indexOf(letter), 0);
}

export function isUlid(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);
}
