import { readConfig } from '@xnai/service';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { objectStoreOf, objectStoreVariables } from './settings.ts';

const read = (env: Readonly<Record<string, string>>) =>
  objectStoreOf(readConfig(z.object(objectStoreVariables), { env }));

describe('the settings of the object store', () => {
  it('are a place, a region and a login', () => {
    const keys = { XNAI_S3_ACCESS_KEY: 'a', XNAI_S3_SECRET_KEY: 's' };
    const login = { accessKeyId: 'a', secretAccessKey: 's' };
    expect(read({ XNAI_S3_ENDPOINT: 'https://s3.example.org/', ...keys })).toEqual({
      endpoint: 'https://s3.example.org',
      region: 'us-east-1',
      login,
    });
    expect(read({ XNAI_S3_ENDPOINT: 'https://{bucket}.s3.example.org' })?.login).toBeUndefined();
    expect(read({})).toBeUndefined();
  });

  it.each([
    [{ XNAI_S3_ENDPOINT: 's3.example.org' }, 'expected a URL that starts with http: or https:'],
    [{ XNAI_S3_ENDPOINT: 'https://me:hidden@s3.example.org' }, 'expected a URL without user name'],
    [{ XNAI_S3_ENDPOINT: 'https://s3.example.org/{bucket}' }, '{bucket} in its host name'],
    [{ XNAI_S3_ACCESS_KEY: 'a' }, 'XNAI_S3_SECRET_KEY is missing'],
    [{ XNAI_S3_SECRET_KEY: 'secret' }, 'XNAI_S3_ACCESS_KEY is missing'],
  ])('are refused: %o', (env, reason) => {
    expect(() => read(env)).toThrow(reason);
    expect(() => read(env)).not.toThrow(/hidden|=secret/);
  });
});
