import { openAsBlob } from 'node:fs';
import { rm } from 'node:fs/promises';
import {
  elementsOf,
  type ObjectCall,
  type ObjectStore,
  ObjectStoreError,
  openBucket,
} from '@xnai/object-store';
import { BackupError } from './backup-error.ts';
import { partBytes, putInParts } from './multipart.ts';
import type { Target } from './target.ts';

export interface S3Options {
  readonly store: ObjectStore;
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
  const { store, bucket: bucketName, prefix, workFolder } = options;
  const bucket = openBucket(store, bucketName, { retries: 2 });
  const name = `s3://${bucketName}/${prefix}`;
  const start = prefix === '' ? '' : `${prefix}/`;
  const call = (key: string, asked: ObjectCall) =>
    bucket.call(key, asked).catch((error: Error) => raise(name, error));
  return {
    name,
    workFolder,
    async list() {
      const names: string[] = [];
      let token: string | undefined;
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix: start });
        if (token !== undefined) query.set('continuation-token', token);
        const xml = await (await call('', { query: `?${query}` })).text();
        names.push(...elementsOf(xml, 'Key').map((key) => key.slice(start.length)));
        [token] = elementsOf(xml, 'NextContinuationToken');
      } while (token !== undefined);
      return names;
    },
    async put(object, file, signal) {
      const body = await openAsBlob(file);
      const part = partBytes(body.size, options.partBytes ?? PART_BYTES);
      const callObject = (asked: ObjectCall) => call(start + object, asked);
      if (body.size <= part) await callObject({ method: 'PUT', body, signal });
      else await putInParts(callObject, body, part, signal);
      await rm(file);
    },
    async get(object, signal) {
      const { body } = await call(start + object, { signal });
      return body ?? new ReadableStream({ start: (controller) => controller.close() });
    },
    async remove(object) {
      await call(start + object, { method: 'DELETE' });
    },
  };
}

function raise(target: string, cause: Error): never {
  if (!(cause instanceof ObjectStoreError)) throw cause;
  if (cause.code === 'NO_OBJECT')
    throw new BackupError('NOT_FOUND', { detail: `There is no such object in ${target}`, cause });
  throw new BackupError('TARGET', { detail: `The target ${target} cannot be used: ${cause.message}`, cause });
}
