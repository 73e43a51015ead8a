import { hkdfSync, randomBytes } from 'node:crypto';

export interface Passwords {
  /** The same for the same name, and tells nothing about those of other names. 43 base64url characters. */
  of(name: string): string;
}

/**
 * Passwords derived from one seed by HKDF-SHA256 (RFC 5869): every holder of the seed derives the same ones. Without a
 * seed they are random. HKDF does not stretch, so that a seed that can be guessed makes passwords that can be guessed.
 */
export function createPasswords(seed?: string): Passwords {
  const secret = seed === undefined || seed === '' ? randomBytes(32) : seed;
  return {
    of: (name) =>
      Buffer.from(hkdfSync('sha256', secret, 'xnai', `redis user ${name}`, 32)).toString('base64url'),
  };
}
