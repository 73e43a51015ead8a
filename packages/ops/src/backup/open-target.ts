import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { objectStoreOf, objectStoreVariables } from '@xnai/object-store';
import { ConfigError, readConfig } from '@xnai/service';
import { z } from 'zod';
import { folderTarget } from './folder-target.ts';
import { s3Target } from './s3-target.ts';
import type { Target } from './target.ts';

const Variables = z.object(objectStoreVariables);

/**
 * A folder, or `s3://bucket/prefix` on the store that the variables `XNAI_S3_*` name; then archives are written to the
 * system's folder of temporary files (`TMPDIR`) before they are uploaded.
 *
 * @throws {ConfigError} when a variable is missing or wrong
 */
export function openTarget(place: string): Target {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(place) ?? [];
  if (bucket === undefined) return folderTarget(resolve(place));
  const vars = readConfig(Variables);
  // Backups need a login: nobody may write to a public bucket.
  const { XNAI_S3_ENDPOINT, XNAI_S3_ACCESS_KEY, XNAI_S3_SECRET_KEY } = vars;
  const needed = Object.entries({ XNAI_S3_ENDPOINT, XNAI_S3_ACCESS_KEY, XNAI_S3_SECRET_KEY });
  const missing = needed.filter(([, value]) => value === undefined);
  const store = missing.length > 0 ? undefined : objectStoreOf(vars);
  if (store === undefined)
    throw new ConfigError(missing.map(([name]) => `${name} is missing: ${place} needs it`));
  return s3Target({ store, bucket, prefix: prefix.replace(/\/+$/, ''), workFolder: tmpdir() });
}
