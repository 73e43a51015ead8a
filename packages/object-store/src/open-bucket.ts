import { AwsClient } from 'aws4fetch';
import { explainRefusal, unreachable } from './explain-refusal.ts';
import type { ObjectStore } from './settings.ts';

export interface ObjectCall extends Pick<RequestInit, 'body'> {
  /** Default: GET. */
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Begins with `?`. */
  readonly query?: string;
  readonly signal?: AbortSignal | undefined;
}

/** One bucket of a store. */
export interface Bucket {
  /** The address of an object without credentials, for logs. */
  urlOf(key: string): string;
  /**
   * Sends a request about an object, or with an empty key about the bucket. No redirect is followed, so that a signed
   * request reaches the named store only.
   *
   * @throws {ObjectStoreError} when the store cannot be reached or refuses; the reason of the signal when that aborts
   */
  call(key: string, call?: ObjectCall): Promise<Response>;
}

export interface BucketOptions {
  /** How often a request is sent again at once when the store failed. Default: never. */
  readonly retries?: number;
}

export function openBucket(store: ObjectStore, name: string, { retries = 0 }: BucketOptions = {}): Bucket {
  const { endpoint, region, login } = store;
  const client = login && new AwsClient({ ...login, region, service: 's3', retries });
  const base = endpoint.includes('{bucket}')
    ? endpoint.replaceAll('{bucket}', name)
    : `${endpoint}/${encodeURIComponent(name)}`;
  const urlOf = (key: string) => `${base}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const send = async (url: string, init: RequestInit) => {
    try {
      return await (client === undefined ? fetch(url, init) : client.fetch(url, init));
    } catch (error) {
      init.signal?.throwIfAborted();
      throw unreachable(error as Error, new URL(url).host);
    }
  };
  return {
    urlOf,
    async call(key, { query = '', signal, ...call } = {}) {
      const url = (key === '' ? base : urlOf(key)) + query;
      const init: RequestInit = { ...call, redirect: 'manual', ...(signal ? { signal } : {}) };
      const response = await send(url, init);
      if (response.ok) return response;
      // The answer to HEAD has no text that says why: the same is asked for with GET.
      const said = call.method === 'HEAD' ? await send(url, { ...init, ...FIRST_BYTE }) : response;
      // Where only HEAD is refused, this is the object itself.
      if (said.ok) await said.body?.cancel();
      throw await explainRefusal(said.ok ? response : said, { host: new URL(url).host, bucket: name, key });
    },
  };
}

const FIRST_BYTE = { method: 'GET', headers: { range: 'bytes=0-0' } };
