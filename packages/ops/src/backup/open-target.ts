import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { ConfigError, env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { folderTarget } from './folder-target.ts';
import { s3Target } from './s3-target.ts';
import type { Target } from './target.ts';

const Variables = z.object({
  XNAI_S3_ENDPOINT: env.text().optional(),
  XNAI_S3_REGION: env.text().default('us-east-1'),
  XNAI_S3_ACCESS_KEY: env.secret().optional(),
  XNAI_S3_SECRET_KEY: env.secret().optional(),
});

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
  const {
    XNAI_S3_ENDPOINT: endpoint,
    XNAI_S3_ACCESS_KEY: accessKeyId,
    XNAI_S3_SECRET_KEY: secretAccessKey,
  } = vars;
  const given = {
    XNAI_S3_ENDPOINT: endpoint,
    XNAI_S3_ACCESS_KEY: accessKeyId,
    XNAI_S3_SECRET_KEY: secretAccessKey,
  };
  const missing = Object.entries(given).filter(([, value]) => value === undefined);
  if (endpoint === undefined || accessKeyId === undefined || secretAccessKey === undefined)
    throw new ConfigError(missing.map(([name]) => `${name} is missing: ${place} needs it`));
  return s3Target({
    endpoint,
    accessKeyId,
    secretAccessKey,
    region: vars.XNAI_S3_REGION,
    bucket,
    prefix: prefix.replace(/\/+$/, ''),
    workFolder: tmpdir(),
  });
}
