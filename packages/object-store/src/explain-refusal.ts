import { readRetryAfter } from '@xnai/contracts/retry-after';
import { type Asked, KNOWN_REFUSALS, type Refusal, said } from './known-refusals.ts';
import { ObjectStoreError } from './object-store-error.ts';
import { elementsOf } from './xml.ts';

/** What an answer that is no success means. Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export async function explainRefusal(response: Response, asked: Asked): Promise<ObjectStoreError> {
  const { status, headers } = response;
  const text = await readBeginning(response);
  const [code] = elementsOf(text, 'Code');
  const [message = ''] = elementsOf(text, 'Message');
  const answer = `${status} ${code ?? ''}`.trimEnd();
  const refusal: Refusal = { ...asked, status, code, answer, message: clean(message) };
  const region = headers.get('x-amz-bucket-region') ?? elementsOf(text, 'Region')[0];
  const minutes = minutesAhead(elementsOf(text, 'ServerTime')[0] ?? headers.get('date'));
  if (isOfClock(refusal, minutes)) return ofClock(refusal, minutes);
  if (isOfRegion(refusal) && region !== undefined) return ofRegion(refusal, clean(region));
  if (status >= 300 && status < 400) {
    const detail = `${asked.host} sends on to ${clean(headers.get('location') ?? 'another address')} (${answer}), which is not followed`;
    return new ObjectStoreError('REFUSED', { detail });
  }
  const known = KNOWN_REFUSALS[code ?? ''] ?? KNOWN_REFUSALS[String(status)];
  const retryAfterMs = readRetryAfter(headers.get('retry-after'));
  if (known !== undefined)
    return new ObjectStoreError(known.code, { detail: known.say(refusal), retryAfterMs });
  if (code === undefined && status < 500) return new ObjectStoreError('ODD', { detail: oddly(refusal) });
  const detail = `${asked.host} answered ${answer}${said(refusal)}`;
  return new ObjectStoreError(status >= 500 ? 'FAILED' : 'REFUSED', { detail, retryAfterMs });
}

/** Why there is no answer at all. */
export function unreachable(error: Error, host: string): ObjectStoreError {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  const reason = cause?.code ?? cause?.message ?? error.message;
  const detail = TLS.test(reason)
    ? `the certificate of ${host} is not trusted (${reason}): NODE_EXTRA_CA_CERTS names the file of an authority of your own`
    : `${host} cannot be reached (${reason})`;
  return new ObjectStoreError('UNREACHABLE', { detail, cause: error });
}

const TLS = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/;

function oddly({ host, bucket, key, answer }: Refusal): string {
  return `${host} answered ${answer} about ${bucket}/${key} as no object store does: is it the port of the S3 API?`;
}

/** Stores take a request up to this long after it was signed; some say so only by refusing the signature. */
const TOLERATED_MINUTES = 15;

function isOfClock({ status, code }: Refusal, minutes: number | undefined): boolean {
  if (code === 'RequestTimeTooSkewed') return true;
  return (
    minutes !== undefined && Math.abs(minutes) >= TOLERATED_MINUTES && (status === 400 || status === 403)
  );
}

function ofClock({ host, answer }: Refusal, minutes: number | undefined): ObjectStoreError {
  const difference = Math.round(minutes ?? 0);
  const clocks =
    difference === 0
      ? `the clocks of this machine and of ${host} differ`
      : `the clock of this machine is ${Math.abs(difference)} minutes ${difference > 0 ? 'behind' : 'ahead of'} that of ${host}`;
  return new ObjectStoreError('CLOCK', { detail: `${clocks} (${answer})` });
}

/** How far the clock of the store is ahead of ours. */
function minutesAhead(date: string | null): number | undefined {
  const atMs = Date.parse(date ?? '');
  return Number.isNaN(atMs) ? undefined : (atMs - Date.now()) / 60_000;
}

function isOfRegion({ code, status }: Refusal): boolean {
  return (
    code === 'AuthorizationHeaderMalformed' || code === 'IllegalLocationConstraintException' || status === 301
  );
}

function ofRegion({ bucket, answer }: Refusal, region: string): ObjectStoreError {
  const detail = `the bucket ${bucket} is in the region ${region}: set XNAI_S3_REGION=${region} and the endpoint of that region (${answer})`;
  return new ObjectStoreError('REGION', { detail });
}

const MOST_BYTES = 64 * 1024;

/** No store says more of a refusal; something else may. */
async function readBeginning({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_BYTES) break;
    }
  } catch (error) {
    // What came before the connection was cut may tell; an abort is the caller's.
    if (!(error instanceof TypeError)) throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Others wrote it, and a terminal shows it. */
function clean(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
}
