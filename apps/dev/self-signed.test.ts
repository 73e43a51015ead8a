import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isOwnAndEnds, selfSigned } from './self-signed.ts';

const DAY_MS = 24 * 3600 * 1000;
const made = async () =>
  (await selfSigned(['rag.example', '10.0.0.5'])).find(({ path }) => path === 'balancer/tls.crt')?.content ??
  '';

describe('a certificate of the stack', () => {
  it('is for localhost and the names that are given', async () => {
    const certificate = new X509Certificate(await made());

    expect(certificate.subjectAltName).toBe('DNS:localhost, DNS:rag.example, IP Address:10.0.0.5');
    expect(certificate.checkHost('localhost')).toBe('localhost');
  });

  it('is made anew in its last 30 days, and not before', async () => {
    const pem = await made();
    const endMs = new X509Certificate(pem).validToDate.getTime();

    expect(isOwnAndEnds(pem)).toBe(false);
    expect(isOwnAndEnds(pem, endMs - 31 * DAY_MS)).toBe(false);
    expect(isOwnAndEnds(pem, endMs - 29 * DAY_MS)).toBe(true);
    expect(isOwnAndEnds(pem, endMs + DAY_MS)).toBe(true);
  });

  it('of an owner stays, also when it has run out', () => {
    const args = '-x509 -newkey rsa:2048 -nodes -keyout /dev/null -days 30 -subj /CN=localhost'.split(' ');
    const own = execFileSync('openssl', ['req', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

    for (const pem of [own, 'of the owner'])
      expect(isOwnAndEnds(pem, Date.now() + 4000 * DAY_MS)).toBe(false);
  });
});
