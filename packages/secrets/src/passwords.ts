import { hkdfSync, randomBytes } from 'node:crypto';

export interface Passwords {
  /** The same for the same name, and tells nothing about those of other names. 43 base64url characters. */
  of(name: string): string;
}

/**
 * Passwords derived from one seed by HKDF-SHA256 (RFC 5869), so that every holder of the seed comes to the
 * same; without a seed a random one, and nobody does. HKDF does not stretch: a seed that can be guessed
 * makes passwords that can.
 */
export function createPasswords(seed?: string): Passwords {
  const secret = seed === undefined || seed === '' ? randomBytes(32) : seed;
  return {
    of: (name) =>
      Buffer.from(hkdfSync('sha256', secret, 'xnai', `redis user ${name}`, 32)).toString('base64url'),
  };
}
