import { expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

it('derives the same password from the same seed and name', () => {
  expect(createPasswords('seed').of('crawler')).toBe(createPasswords('seed').of('crawler'));
});

it('derives different passwords for different users and seeds', () => {
  const passwords = createPasswords('seed');
  expect(passwords.of('crawler')).not.toBe(passwords.of('rag-cache'));
  expect(passwords.of('crawler')).not.toBe(createPasswords('seed2').of('crawler'));
});

it.each([undefined, ''])('makes random passwords without a seed (%j)', (seed) => {
  const passwords = createPasswords(seed);
  expect(passwords.of('crawler')).toMatch(/^[\w-]{43}$/);
  expect(passwords.of('crawler')).toBe(passwords.of('crawler'));
  expect(passwords.of('crawler')).not.toBe(createPasswords(seed).of('crawler'));
});
