import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AddressWithLinks,
  CODES,
  type Code,
  CollectionName,
  DeliveredDocument,
  type Document,
  DocumentId,
  DocumentInput,
  TEXT_DOCUMENT_TYPE,
} from '@xnai/contracts';

/** rag as its contract has it for what a crawler asks, kept in memory. */
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
    else if (request.method === 'PUT') void answerPut(rag, store, request, response);
    else answerOther(store, request, response);
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

type Known = Pick<DeliveredDocument, 'url' | 'metadata' | 'links'>;

function createStore() {
  const documents = new Map<string, DeliveredDocument>();
  const files = new Map<string, DocumentInput>();
  const aliases = new Map<string, { readonly of: string; readonly delivered: Known }>();
  const hashes = new Map<string, string>();
  const isSameText = (key: string, other: string, delivered: DeliveredDocument | DocumentInput) =>
    'document' in delivered &&
    documents.get(other)?.document.text === delivered.document.text &&
    other.split('/')[0] === key.split('/')[0];
  return {
    documents,
    files,
    put(key: string, delivered: DeliveredDocument | DocumentInput) {
      const { content_type, title, url } = delivered;
      const content = 'document' in delivered ? delivered.document : delivered.content;
      const hash = createHash('sha256')
        .update(JSON.stringify([content, content_type, title, url]))
        .digest('hex');
      const same = documents.keys().find((other) => other !== key && isSameText(key, other, delivered));
      if (same !== undefined) {
        documents.delete(key);
        aliases.set(key, { of: same, delivered });
        return { status: 'joined', isNew: false, hash, keptAs: same.split('/')[1] };
      }
      const before = hashes.get(key);
      hashes.set(key, hash);
      if ('document' in delivered) documents.set(key, delivered);
      else files.set(key, delivered);
      return { status: before === hash ? 'unchanged' : 'indexed', isNew: before === undefined, hash };
    },
    delete(key: string): boolean {
      hashes.delete(key);
      return aliases.delete(key) || documents.delete(key) || files.delete(key);
    },
    addresses(collection: string): AddressWithLinks[] {
      const all: { key: string; of: string; delivered: Known }[] = [
        ...documents.entries().map(([key, delivered]) => ({ key, of: key, delivered })),
        ...files.entries().map(([key, delivered]) => ({ key, of: key, delivered })),
        ...aliases.entries().map(([key, alias]) => ({ key, ...alias })),
      ];
      return all
        .filter(({ key }) => key.startsWith(`${collection}/`))
        .map(({ key, of, delivered: { url = '', metadata = {}, links } }) => ({
          id: key.slice(collection.length + 1),
          url,
          document_id: of.slice(collection.length + 1),
          content_hash: '',
          metadata,
          updated_at: new Date().toISOString(),
          links: links ?? null,
        }));
    },
  };
}

function documentOf(collection: string, id: string, delivered: DeliveredDocument): Document {
  const { document, title = null, url = null, metadata = {}, content_type = 'text/html' } = delivered;
  const { title: _, ...content } = document;
  const about = { id, collection, title, url, content_type, content_hash: '', metadata };
  const updated_at = new Date().toISOString();
  return { ...about, ...content, bytes: 0, updated_at, aliases: [], alias_count: 0, chunks: [] };
}

const PATH = /^\/v1\/collections\/([^/?]+)\/(documents|addresses)(?:\/([^/?]+))?/;

function answerOther(
  store: ReturnType<typeof createStore>,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  const [, collection = '', kind, id] = PATH.exec(url) ?? [];
  if (method === 'DELETE' && kind === 'documents') {
    if (store.delete(`${collection}/${id}`)) response.writeHead(204).end();
    else refuse(response, 'DOCUMENT_NOT_FOUND');
    return;
  }
  const delivered = id === undefined ? undefined : store.documents.get(`${collection}/${id}`);
  if (method === 'GET' && kind === 'documents' && id !== undefined && delivered !== undefined)
    send(response, 200, documentOf(collection, id, delivered));
  else answerAddresses(store, { method, url }, response);
}

function answerAddresses(
  store: ReturnType<typeof createStore>,
  { method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>,
  response: ServerResponse,
): void {
  const [, collection = '', kind, id] = PATH.exec(url) ?? [];
  const prefix = new URLSearchParams(url.split('?')[1]).get('prefix') ?? '';
  const addresses = store.addresses(collection).filter((address) => address.url.startsWith(prefix));
  const found = addresses.find((address) => address.id === id);
  if (method !== 'GET' || kind !== 'addresses') refuse(response, 'NOT_FOUND');
  else if (id === undefined) send(response, 200, { addresses, next_cursor: null });
  else if (found === undefined) refuse(response, 'DOCUMENT_NOT_FOUND');
  else send(response, 200, found);
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
  const { status, isNew, hash, keptAs } = store.put(key, document);
  const answer = {
    id,
    collection,
    status,
    chunks: 1,
    content_hash: hash,
    ...(keptAs && { kept_as: keptAs }),
  };
  send(response, isNew ? 201 : 200, answer);
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
