import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { hasRightSignature } from './check-signature.ts';
import { BREAK_MS, type Misbehaviour, trickle } from './misbehaviour.ts';

export interface TestObjectStore extends AsyncDisposable {
  readonly endpoint: string;
  /** The login that it takes. */
  readonly login: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Method, path and range of each request, in order. */
  readonly requests: readonly string[];
  /** Puts an object into the bucket, with metadata as `x-amz-meta-NAME`. */
  put(key: string, bytes: Buffer, metadata?: Readonly<Record<string, string>>): Promise<void>;
  /** Answers the next requests for the content of an object in these ways; then whole again. */
  misbehave(...ways: readonly Misbehaviour[]): void;
  /** Answers every request in the place of the store, while it is set. */
  instead: RequestListener | undefined;
}

const LOGIN = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** An S3 server on loopback with one empty bucket; it checks signatures, and lets requests without one do everything. */
export async function startObjectStore(bucket: string): Promise<TestObjectStore> {
  const directory = await mkdtemp(join(tmpdir(), 'xnai-s3-'));
  const store = new S3rver({
    silent: true,
    directory,
    serviceEndpoint: 'localhost',
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  await store.configureBuckets();
  const answer = store.callback();
  const requests: string[] = [];
  const ways: Misbehaviour[] = [];
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '));
    if (started.instead !== undefined) return started.instead(request, response);
    const isContent = request.method === 'GET' && !/\?|\.sha256$/.test(request.url ?? '');
    const way = isContent ? ways.shift() : undefined;
    if (!hasRightSignature(request, LOGIN.secretAccessKey)) refuse(response);
    else if (way === undefined) answer(request, response);
    else misbehave(way, { request, response, answer });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started: TestObjectStore = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    login: LOGIN,
    requests,
    instead: undefined,
    misbehave: (...more) => void ways.push(...more),
    async put(key, bytes, metadata = {}) {
      const named = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
      // By a header of this protocol the server knows that no page of a site is meant.
      const headers = { 'x-amz-acl': 'private', ...Object.fromEntries(named) };
      const url = `${started.endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
      const { ok, status } = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
      if (!ok) throw new Error(`putting ${key} failed with ${status}`);
      requests.length = 0;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
  return started;
}

/** The server itself knows logins, but computes no signature of version 4. */
function refuse(response: ServerResponse): void {
  response.writeHead(403, { 'content-type': 'application/xml' });
  response.end('<Error><Code>SignatureDoesNotMatch</Code><Message>Check your key.</Message></Error>');
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: RequestListener;
}

function misbehave(way: Misbehaviour, { request, response, answer }: Asked): void {
  const write = response.write.bind(response);
  switch (way.kind) {
    case 'status':
      if (way.retryAfterS !== undefined) response.setHeader('retry-after', way.retryAfterS);
      response.writeHead(way.status).end();
      return;
    case 'trickle':
      trickle(response);
      break;
    case 'ignore-range':
      delete request.headers.range;
      break;
    case 'other-bytes':
      response.write = ((chunk: Buffer) => write(Buffer.alloc(chunk.length, 'x'))) as typeof write;
      break;
    case 'break-after': {
      let left = way.bytes;
      response.write = ((chunk: Buffer) => {
        if (left <= 0) return true;
        write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) setTimeout(() => response.destroy(), BREAK_MS);
        return true;
      }) as typeof write;
      break;
    }
    default:
      way satisfies never;
  }
  answer(request, response);
}
