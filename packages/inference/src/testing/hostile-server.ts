import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** For tests: a model server each of whose answers a test may put another in place of. */
export interface HostileServer extends AsyncDisposable {
  readonly url: string;
  /** What it does with the next requests for an answer; undefined: what it should. */
  answer: ((response: ServerResponse, body: Asked) => void) | undefined;
  /** The same of the list of its models. */
  list: HostileServer['answer'];
  /** Paths and bodies of all requests. */
  readonly asked: readonly (Asked & { readonly path: string })[];
  /** Resolves when the connection of a request was closed before its answer ended. */
  untilHungUp(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came.
type Asked = Readonly<Record<string, any>>;

export interface HostileServerOptions {
  readonly model?: string;
  readonly key?: string;
  /** Has a route that counts tokens, as vLLM and llama-server have. */
  readonly counts?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function startHostileServer({
  model = 'served',
  key,
  counts = false,
  tls,
}: HostileServerOptions = {}): Promise<HostileServer> {
  const asked: (Asked & { path: string })[] = [];
  const hungUp = Promise.withResolvers<void>();
  const state: Pick<HostileServer, 'answer' | 'list'> = { answer: undefined, list: undefined };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const sent = await text(request);
    const body: Asked = sent === '' ? {} : JSON.parse(sent);
    const path = request.url ?? '';
    asked.push({ ...body, path });
    response.once('close', () => {
      if (!response.writableEnded) hungUp.resolve();
    });
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
      return json(response, { error: 'no' }, 401);
    if (path === '/v1/models' && state.list !== undefined) return state.list(response, body);
    // A probe of a generator is no stream.
    const isProbe = path === '/v1/models' || (path === '/v1/chat/completions' && body['stream'] !== true);
    if (state.answer !== undefined && !isProbe) return state.answer(response, body);
    answerWell(path, body, { response, model, counts });
  };
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void handle(request, response).catch(() => response.destroy());
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    untilHungUp: () => hungUp.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface Answering {
  readonly response: ServerResponse;
  readonly model: string;
  readonly counts: boolean;
}

function answerWell(path: string, body: Asked, { response, model, counts }: Answering): void {
  if (path === '/v1/models') json(response, { data: [{ id: model, max_model_len: 2048 }] });
  else if (path === '/tokenize' && counts)
    json(response, { count: String(body['prompt']).split(' ').length });
  else if (path !== '/v1/chat/completions') json(response, {}, 404);
  else if (body['stream'] === true) stream(response, model, ['all ', 'is ', 'well']);
  else {
    const content = body['response_format'] === undefined ? 'yes' : '{"blue": true}';
    json(response, { model, choices: [{ message: { content } }] });
  }
}

export function json(response: ServerResponse, value: unknown, status = 200, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

/** A whole answer of these words; `isCut` leaves out its end, and leaves the connection open. */
export function stream(
  response: ServerResponse,
  model: string,
  words: readonly string[],
  { isCut = false } = {},
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (chunk: object) => response.write(`data: ${JSON.stringify({ model, ...chunk })}\n\n`);
  for (const content of words) send({ choices: [{ delta: { content } }] });
  if (isCut) return;
  send({ choices: [{ delta: {}, finish_reason: 'stop' }] });
  send({ choices: [], usage: { prompt_tokens: 7, completion_tokens: words.length } });
  response.end('data: [DONE]\n\n');
}
