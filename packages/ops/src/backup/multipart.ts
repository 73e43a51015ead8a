import { elementsOf, type ObjectCall } from '@xnai/object-store';
import { BackupError } from './backup-error.ts';

/** Sends a request about the object. @throws {BackupError} when the store refuses it */
type CallObject = (call: ObjectCall) => Promise<Response>;

/** Bounds of S3's multipart upload: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PARTS = 10_000;
const MIB = 1024 ** 2;

/** @returns bytes of every part but the last: whole MiB, as few parts as fit */
export function partBytes(size: number, atLeast: number): number {
  return Math.max(atLeast, Math.ceil(size / MAX_PARTS / MIB) * MIB);
}

/**
 * Uploads a file in parts, one after the other. What was uploaded is given up when a part fails or `signal` ends it, so
 * that the store does not keep (and charge for) half an object.
 *
 * @throws {BackupError} TARGET
 */
export async function putInParts(
  call: CallObject,
  file: Blob,
  part: number,
  signal: AbortSignal,
): Promise<void> {
  const begun = await (await call({ query: '?uploads', method: 'POST', signal })).text();
  const id = elementOf(begun, 'UploadId');
  const upload = `uploadId=${encodeURIComponent(id)}`;
  try {
    const tags: string[] = [];
    for (let start = 0; start < file.size; start += part) {
      const body = file.slice(start, start + part);
      const { headers } = await call({
        query: `?partNumber=${tags.length + 1}&${upload}`,
        method: 'PUT',
        body,
        signal,
      });
      tags.push(headers.get('etag') ?? '');
    }
    const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    // A store answers at once with 200, and says in the text how it ended.
    const ended = await (await call({ query: `?${upload}`, method: 'POST', body, signal })).text();
    elementOf(ended, 'ETag');
  } catch (error) {
    await call({ query: `?${upload}`, method: 'DELETE' }).catch(() => undefined);
    throw error;
  }
}

function elementOf(xml: string, element: string): string {
  const [value] = elementsOf(xml, element);
  if (value !== undefined && value !== '') return value;
  const code = elementsOf(xml, 'Code')[0] ?? xml.slice(0, 100);
  throw new BackupError('TARGET', { detail: `The target ended an upload in parts with: ${code}` });
}
