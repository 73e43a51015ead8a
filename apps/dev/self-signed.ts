import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { SecretFile } from '@xnai/secrets';

/** Days: the longest that browsers take. */
const VALID_DAYS = 397;
/** Before its end, a certificate is made anew. */
const RENEWED_DAYS = 30;
const DAY_MS = 24 * 3600 * 1000;
/** The first name of each that is made here. */
const OWN_NAME = 'localhost';

/** Whether a certificate was made here, and ends soon. One of an owner is never taken for it, or one that cannot be read. */
export function isOwnAndEnds(pem: string, nowMs = Date.now()): boolean {
  const { subject, issuer, validFromDate, validToDate } = read(pem) ?? {};
  if (validFromDate === undefined || validToDate === undefined) return false;
  const isOwn =
    subject === `CN=${OWN_NAME}` &&
    issuer === subject &&
    validToDate.getTime() - validFromDate.getTime() === VALID_DAYS * DAY_MS;
  return isOwn && validToDate.getTime() - nowMs < RENEWED_DAYS * DAY_MS;
}

function read(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // An owner's, in whichever form HAProxy takes it.
    return undefined;
  }
}

/**
 * A certificate for `localhost` and these names and addresses, which no client knows, and its key.
 *
 * @throws {Error} when there is no openssl
 */
export async function selfSigned(names: readonly string[]): Promise<readonly SecretFile[]> {
  const all = [OWN_NAME, ...names];
  const subjects = all.map((name) => `${/^[\d.]+$|:/.test(name) ? 'IP' : 'DNS'}:${name}`);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const { stdout } = await promisify(execFile)('openssl', [
    ...['req', '-x509', ...curve, '-nodes', '-keyout', '-'],
    ...['-days', String(VALID_DAYS), '-subj', `/CN=${OWN_NAME}`],
    ...['-addext', `subjectAltName=${subjects.join(',')}`],
  ]);
  const [, key, certificate] =
    /(-+BEGIN PRIVATE KEY[\s\S]*?END PRIVATE KEY-+)[\s\S]*?(-+BEGIN CERT[\s\S]*)/.exec(stdout) ?? [];
  if (key === undefined || certificate === undefined) throw new Error('openssl made no certificate');
  return [
    { path: 'balancer/tls.key', content: `${key}\n` },
    { path: 'balancer/tls.crt', content: certificate },
  ];
}
