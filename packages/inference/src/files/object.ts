import { createHash } from 'node:crypto';
import { type Bucket, type ObjectStore, ObjectStoreError, openBucket } from '@xnai/object-store';
import { startTimeLimit } from '@xnai/resilience';
import { ModelFetchError, type ModelFetchErrorCode } from './fetch-error.ts';
import { type ObjectSource, pathOfObject } from './model-source.ts';
import type { FileHash, SourceFile } from './source-file.ts';

export interface FindObjectOptions {
  readonly objectStore: ObjectStore | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the store for the size, the tag and the hash of an object.
 *
 * @throws {ModelFetchError}
 */
export async function findObject(
  source: ObjectSource,
  { objectStore, signal }: FindObjectOptions,
): Promise<SourceFile> {
  const { bucket: name, key } = source;
  if (objectStore === undefined)
    throw new ModelFetchError('NOT_CONFIGURED', { source: FROM, detail: 'set XNAI_S3_ENDPOINT' });
  const bucket = openBucket(objectStore, name);
  using limit = startTimeLimit({ timeoutMs: ANSWER_MS, signal, reason: late });
  const { headers } = await bucket
    .call(key, { method: 'HEAD', headers: { 'x-amz-checksum-mode': 'ENABLED' }, signal: limit.signal })
    .catch(raise);
  const sizeBytes = Number(headers.get('content-length') ?? Number.NaN);
  const etag = headers.get('etag');
  const url = bucket.urlOf(key);
  if (etag === null || !Number.isSafeInteger(sizeBytes) || sizeBytes === 0)
    throw unexpected(`${url} has no tag or no size, as no object has: is it the port of the S3 API?`);
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (!/^(identity|aws-chunked)?,?$/.test(encoding))
    throw unexpected(`${url} is stored with Content-Encoding ${encoding}: upload the file as it is`);
  const hash = await findHash(source, { bucket, headers, signal: limit.signal });
  return {
    path: pathOfObject(source),
    sizeBytes,
    hash,
    version: hash?.algorithm === 'sha256' ? hash.hex : createHash('sha256').update(etag).digest('hex'),
    license: undefined,
    url,
    origin: { etag },
    open: (fromByte, stop) => openObject(bucket, { key, etag, fromByte, signal: stop }),
  };
}

const FROM = 'object store';
const ANSWER_MS = 20_000;

interface OpenObject {
  readonly key: string;
  readonly etag: string;
  readonly fromByte: number;
  readonly signal: AbortSignal;
}

async function openObject(bucket: Bucket, { key, etag, fromByte, signal }: OpenObject): Promise<Response> {
  const headers = {
    // A weak tag, as proxies make them, matches nothing.
    ...(etag.startsWith('W/') ? {} : { 'if-match': etag }),
    ...(fromByte > 0 ? { range: `bytes=${fromByte}-` } : {}),
  };
  const response = await bucket.call(key, { headers, signal }).catch(raise);
  // Some stores do not know the condition.
  if (response.headers.get('etag') === etag) return response;
  await response.body?.cancel();
  throw new ModelFetchError('CHANGED', { source: FROM, detail: bucket.urlOf(key) });
}

interface HashPlaces {
  readonly bucket: Bucket;
  readonly headers: Headers;
  readonly signal: AbortSignal;
}

/**
 * The hash in the reference, in the metadata `sha256`, in the store's own checksum of the whole object, in an object of
 * the same name and `.sha256`, or else the tag, which is the MD5 of what was uploaded in one piece without encryption.
 */
async function findHash(source: ObjectSource, places: HashPlaces): Promise<FileHash | undefined> {
  const { headers } = places;
  const stated = headers.get('x-amz-meta-sha256')?.trim().toLowerCase() ?? fromBase64(headers);
  const known = stated !== undefined && SHA256.test(stated) ? stated : await readSumFile(source, places);
  if (source.sha256 !== undefined && known !== undefined && source.sha256 !== known) {
    const detail = `the reference says ${source.sha256}, and the object store ${known}`;
    throw new ModelFetchError('HASH_MISMATCH', { detail });
  }
  const hex = source.sha256 ?? known;
  if (hex !== undefined) return { algorithm: 'sha256', hex };
  const md5 = MD5_TAG.exec(headers.get('etag') ?? '')?.[1];
  return md5 === undefined || isEncrypted(headers) ? undefined : { algorithm: 'md5', hex: md5 };
}

const SHA256 = /^[0-9a-f]{64}$/;
const CHECKSUM = /^[A-Za-z0-9+/]{43}=$/;
const MD5_TAG = /^"([0-9a-f]{32})"$/;

/** A checksum of parts has their number behind it, and is that of no file. */
function fromBase64(headers: Headers): string | undefined {
  const checksum = headers.get('x-amz-checksum-sha256');
  return checksum !== null && CHECKSUM.test(checksum)
    ? Buffer.from(checksum, 'base64').toString('hex')
    : undefined;
}

/** Tags of objects that are encrypted with keys of a service or of the client are no hashes of their content. */
function isEncrypted(headers: Headers): boolean {
  const encryption = headers.get('x-amz-server-side-encryption');
  const isOfClient = headers.has('x-amz-server-side-encryption-customer-algorithm');
  return isOfClient || (encryption !== null && encryption !== 'AES256');
}

/** What `sha256sum` writes. Who may not read it, or finds something else there, does without. */
async function readSumFile(
  { key }: ObjectSource,
  { bucket, signal }: HashPlaces,
): Promise<string | undefined> {
  try {
    const response = await bucket.call(`${key}.sha256`, { headers: { range: 'bytes=0-999' }, signal });
    return SUM_LINE.exec(await response.text())?.[1]?.toLowerCase();
  } catch (error) {
    if (error instanceof ObjectStoreError && MISSING.has(error.code)) return undefined;
    return raise(error as Error);
  }
}

/** A backslash stands before a name with odd characters. */
const SUM_LINE = /^\\?([0-9a-f]{64})\s/i;

const MISSING: ReadonlySet<string> = new Set(['NO_OBJECT', 'DENIED', 'NO_RANGE', 'REFUSED', 'ODD']);

function raise(error: Error): never {
  if (!(error instanceof ObjectStoreError)) throw error;
  const { message: detail, retryAfterMs, code } = error;
  throw new ModelFetchError(CODES[code], { source: FROM, detail, retryAfterMs, cause: error });
}

const CODES: Readonly<Record<ObjectStoreError['code'], ModelFetchErrorCode>> = {
  UNREACHABLE: 'UNREACHABLE',
  BUSY: 'RATE_LIMITED',
  FAILED: 'SOURCE_FAILED',
  NO_BUCKET: 'NOT_FOUND',
  NO_OBJECT: 'NOT_FOUND',
  DENIED: 'NO_ACCESS',
  REGION: 'NO_ACCESS',
  REFUSED: 'NO_ACCESS',
  CLOCK: 'CLOCK',
  CHANGED: 'CHANGED',
  NO_RANGE: 'RANGE_REFUSED',
  ODD: 'BAD_ANSWER',
};

function unexpected(detail: string): ModelFetchError {
  return new ModelFetchError('BAD_ANSWER', { source: FROM, detail });
}

function late(): ModelFetchError {
  const detail = `no answer within ${ANSWER_MS / 1000} s`;
  return new ModelFetchError('UNREACHABLE', { source: FROM, detail });
}
