import { openAsBlob } from 'node:fs';
import { rm } from 'node:fs/promises';
import { AwsClient } from 'aws4fetch';
import { BackupError } from './backup-error.ts';
import { partBytes, putInParts } from './multipart.ts';
import type { Target } from './target.ts';

export interface S3Options {
  /** `https://s3.example.org`; buckets are a part of the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
  /** Before each name, without a slash at its end; may be empty. */
  readonly prefix: string;
  /** Where an archive is written before it is uploaded. */
  readonly workFolder: string;
  /** A larger file is uploaded in parts of at least this many bytes, so that a lost connection costs one of them. */
  readonly partBytes?: number;
}

const PART_BYTES = 64 * 1024 ** 2;

/**
 * Backups as objects of an S3-compatible store. It asks for nothing but PUT, GET, DELETE, ListObjectsV2 and, for large
 * files, an upload in parts, and relies on no condition or checksum of the store: what was put is read back.
 */
export function s3Target(options: S3Options): Target {
  const { endpoint, bucket, prefix, workFolder, accessKeyId, secretAccessKey, region } = options;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 2 });
  const name = `s3://${bucket}/${prefix}`;
  const start = prefix === '' ? '' : `${prefix}/`;
  const bucketUrl = `${endpoint.replace(/\/$/, '')}/${encodeURIComponent(bucket)}`;
  const call = (path: string, init: RequestInit) => send(name, () => client.fetch(bucketUrl + path, init));
  const pathOf = (object: string) => `/${(start + object).split('/').map(encodeURIComponent).join('/')}`;
  return {
    name,
    workFolder,
    async list() {
      const names: string[] = [];
      let token: string | undefined;
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix: start });
        if (token !== undefined) query.set('continuation-token', token);
        const xml = await (await call(`?${query}`, {})).text();
        names.push(...valuesOf(xml, 'Key').map((key) => key.slice(start.length)));
        [token] = valuesOf(xml, 'NextContinuationToken');
      } while (token !== undefined);
      return names;
    },
    async put(object, file, signal) {
      const body = await openAsBlob(file);
      const part = partBytes(body.size, options.partBytes ?? PART_BYTES);
      if (body.size <= part) await call(pathOf(object), { method: 'PUT', body, signal });
      else await putInParts((query, init) => call(pathOf(object) + query, init), body, part, signal);
      await rm(file);
    },
    async get(object, signal) {
      const { body } = await call(pathOf(object), { signal });
      return body ?? new ReadableStream({ start: (controller) => controller.close() });
    },
    async remove(object) {
      await call(pathOf(object), { method: 'DELETE' });
    },
  };
}

async function send(target: string, request: () => Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await request();
  } catch (cause) {
    const { name, message, cause: reason } = cause as Error;
    if (name === 'AbortError' || name === 'TimeoutError') throw cause;
    const code = (reason as NodeJS.ErrnoException | undefined)?.code ?? message;
    throw new BackupError('TARGET', { detail: `The target ${target} cannot be reached: ${code}`, cause });
  }
  if (response.ok) return response;
  const [code] = valuesOf(await response.text(), 'Code');
  if (code === 'NoSuchKey')
    throw new BackupError('NOT_FOUND', { detail: `There is no such object in ${target}` });
  throw new BackupError('TARGET', {
    detail: `The target ${target} refused: ${response.status} ${code ?? ''}`.trimEnd(),
  });
}

/** The texts of one kind of element of an answer, which has no attributes or mixed content. */
function valuesOf(xml: string, element: string): string[] {
  const found = xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'));
  return [...found].map(([, text = '']) =>
    text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => ENTITIES[name] ?? ''),
  );
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
