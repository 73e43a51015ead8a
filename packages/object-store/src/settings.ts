import { ConfigError, env } from '@xnai/service';
import type { z } from 'zod';

/** A store that speaks the S3 protocol, of any vendor. */
export interface ObjectStore {
  /** `https://s3.example.org`, where the bucket is a part of the path, or `https://{bucket}.s3.example.org`. */
  readonly endpoint: string;
  readonly region: string;
  /** Undefined: requests are not signed, and public objects alone can be read. */
  readonly login: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** The environment variables of the one store that a process uses. */
export const objectStoreVariables = {
  /** With `{bucket}` in the place of the bucket's name where the vendor wants it in the host name. */
  XNAI_S3_ENDPOINT: env
    .url()
    .refine(
      isEndpoint,
      'expected a URL without user name, password and query, {bucket} in its host name if at all',
    )
    .optional(),
  /** AWS checks it; of R2 it is `auto`, of Garage what its configuration says. */
  XNAI_S3_REGION: env.text().default('us-east-1'),
  XNAI_S3_ACCESS_KEY: env.secret().optional(),
  XNAI_S3_SECRET_KEY: env.secret().optional(),
};

type Variables = z.infer<z.ZodObject<typeof objectStoreVariables>>;

/**
 * @returns undefined when no endpoint is given
 * @throws {ConfigError} when one of the two keys is given without the other
 */
export function objectStoreOf({
  XNAI_S3_ENDPOINT: endpoint,
  XNAI_S3_REGION: region,
  XNAI_S3_ACCESS_KEY: accessKeyId,
  XNAI_S3_SECRET_KEY: secretAccessKey,
}: Variables): ObjectStore | undefined {
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    const missing = accessKeyId === undefined ? 'XNAI_S3_ACCESS_KEY' : 'XNAI_S3_SECRET_KEY';
    throw new ConfigError([`${missing} is missing: the other key of the pair is given`]);
  }
  if (endpoint === undefined) return undefined;
  const login =
    accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
  return { endpoint: endpoint.replace(/\/+$/, ''), region, login };
}

function isEndpoint(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return true; // said by the check of URLs
  return url.username === '' && url.search === '' && url.hash === '' && !/%7Bbucket/i.test(url.pathname);
}
