import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CODES,
  type Code,
  CollectionName,
  DeliveredDocument,
  DocumentId,
  DocumentInput,
  TEXT_DOCUMENT_TYPE,
} from '@xnai/contracts';

/** rag as its contract has it, for `PUT .../documents/{id}` alone, kept in memory. */
export interface FakeRag extends AsyncDisposable {
  readonly url: string;
  readonly documents: Map<string, DeliveredDocument>;
  /** Documents that came as files. */
  readonly files: Map<string, DocumentInput>;
  /** Ids in the order in which they were sent, whatever was answered. */
  readonly puts: string[];
  /** What each said of the time that rag may take. */
  readonly timeoutsMs: number[];
  mode: 'ok' | 'unavailable' | 'hang' | ((document: DeliveredDocument | DocumentInput) => Code | undefined);
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startFakeRag(): Promise<FakeRag> {
  const store = createStore();
  const puts: string[] = [];
  let port = 0;
  const server = createServer((request, response) => {
    if (request.url === '/livez') send(response, 200, { status: 'ok' });
    else void answerPut(rag, store, request, response);
  });

  async function start(): Promise<void> {
    server.listen(port, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    port = (server.address() as AddressInfo).port;
  }

  function stop(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  const rag: FakeRag = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    documents: store.documents,
    files: store.files,
    puts,
    timeoutsMs: [],
    mode: 'ok',
    start,
    stop,
    [Symbol.asyncDispose]: () => (server.listening ? stop() : Promise.resolve()),
  };
  await start();
  return rag;
}

function createStore() {
  const documents = new Map<string, DeliveredDocument>();
  const files = new Map<string, DocumentInput>();
  const hashes = new Map<string, string>();
  return {
    documents,
    files,
    put(key: string, delivered: DeliveredDocument | DocumentInput) {
      const { content_type, title, url } = delivered;
      const content = 'document' in delivered ? delivered.document : delivered.content;
      const hash = createHash('sha256')
        .update(JSON.stringify([content, content_type, title, url]))
        .digest('hex');
      const before = hashes.get(key);
      hashes.set(key, hash);
      if ('document' in delivered) documents.set(key, delivered);
      else files.set(key, delivered);
      return { isNew: before === undefined, isChanged: before !== hash, hash };
    },
  };
}

async function answerPut(
  rag: FakeRag,
  store: ReturnType<typeof createStore>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [, collection, id] = /^\/v1\/collections\/([^/]+)\/documents\/([^/]+)$/.exec(request.url ?? '') ?? [];
  if (request.method !== 'PUT' || collection === undefined) return refuse(response, 'NOT_FOUND');
  rag.puts.push(id ?? '');
  rag.timeoutsMs.push(Number(request.headers['x-request-timeout-ms']));
  if (rag.mode === 'hang') return;
  if (rag.mode === 'unavailable') return refuse(response, 'OVERLOADED');
  const isRead = request.headers['content-type'] === TEXT_DOCUMENT_TYPE;
  const document = (isRead ? DeliveredDocument : DocumentInput).parse(
    JSON.parse(Buffer.concat(chunks).toString()),
  );
  const code = typeof rag.mode === 'function' ? rag.mode(document) : undefined;
  if (code !== undefined) return refuse(response, code);
  const key = `${CollectionName.parse(collection)}/${DocumentId.parse(id)}`;
  const { isNew, isChanged, hash } = store.put(key, document);
  const status = isChanged ? 'indexed' : 'unchanged';
  send(response, isNew ? 201 : 200, { id, collection, status, chunks: 1, content_hash: hash });
}

function refuse(response: ServerResponse, code: Code): void {
  const { status, title } = CODES[code];
  const problem = { type: 'about:blank', title, status, code, detail: title, request_id: 'fake' };
  send(response, status, problem, 'application/problem+json');
}

function send(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(JSON.stringify(body));
}
