import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BREAK_MS, type Misbehaviour, trickle } from './misbehaviour.ts';

export interface FakeHub extends AsyncDisposable {
  readonly endpoint: string;
  /** Method, path and range of each request, in order. */
  readonly requests: readonly string[];
  /** Answers the next download requests in these ways; then whole again. */
  misbehave(...ways: readonly Misbehaviour[]): void;
  /** Answers the next questions about repositories in these ways; then well again. */
  misinform(...ways: readonly Misinformation[]): void;
}

export type Misinformation =
  | { readonly kind: 'status'; readonly status: number }
  /** A page of something in between, such as the login of a network. */
  | { readonly kind: 'page' }
  | { readonly kind: 'break' };

export interface HubRepository {
  readonly license?: string;
  readonly files: Readonly<Record<string, Buffer>>;
}

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** Speaks the model hub's protocol: repository information, a redirect to storage, ranges. */
export async function startFakeHub(repositories: Readonly<Record<string, HubRepository>>): Promise<FakeHub> {
  const requests: string[] = [];
  const ways: Misbehaviour[] = [];
  const answers: Misinformation[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://hub');
    requests.push([request.method, url.pathname, request.headers.range].filter(Boolean).join(' '));
    const [, repository = '', rest = ''] =
      /^\/(?:api\/models\/|storage\/)?([^/]+\/[^/]+)\/(.*)$/.exec(url.pathname) ?? [];
    const known = repositories[repository];
    if (known === undefined) return end(response, 404);
    if (url.pathname.startsWith('/api/models/')) return inform(response, known, answers.shift());
    if (!url.pathname.startsWith('/storage/'))
      return redirect(response, `/storage/${repository}/${rest.split('/').slice(2).join('/')}`);
    const bytes = known.files[rest];
    return bytes === undefined ? end(response, 404) : send(request, response, bytes, ways.shift());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    misbehave: (...more) => void ways.push(...more),
    misinform: (...more) => void answers.push(...more),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function inform(response: ServerResponse, known: HubRepository, way: Misinformation | undefined): void {
  if (way === undefined) json(response, information(known));
  else if (way.kind === 'status') end(response, way.status);
  else if (way.kind === 'page') response.end('<html>Please log in</html>');
  else {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('{"sha":', () => setTimeout(() => response.destroy(), BREAK_MS));
  }
}

function information({ license, files }: HubRepository): object {
  const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    lfs: { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 134 },
  }));
  return {
    sha: COMMIT,
    cardData: { license },
    siblings: [{ rfilename: 'README.md', size: 10 }, ...siblings],
  };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  way: Misbehaviour | undefined,
): void {
  if (way?.kind === 'status') {
    if (way.retryAfterS !== undefined) response.setHeader('retry-after', way.retryAfterS);
    end(response, way.status);
    return;
  }
  const asked =
    way?.kind === 'ignore-range' ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const from = Number(asked ?? 0);
  const body = way?.kind === 'other-bytes' ? Buffer.alloc(bytes.length - from, 'x') : bytes.subarray(from);
  response.writeHead(asked === undefined ? 200 : 206, {
    'content-length': body.length,
    ...(asked === undefined ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (way?.kind === 'trickle') trickle(response);
  else if (way?.kind === 'break-after')
    response.write(body.subarray(0, way.bytes), () => setTimeout(() => response.destroy(), BREAK_MS));
  else response.end(body);
}

function json(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

function redirect(response: ServerResponse, location: string): void {
  response.setHeader('location', location);
  end(response, 302);
}

function end(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}
