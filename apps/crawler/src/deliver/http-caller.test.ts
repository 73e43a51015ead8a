import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openHttpCaller } from './http-caller.ts';

async function openServer(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const { signal } = new AbortController();

test('calls one after the other share a connection', async () => {
  await using server = await openServer((request, response) => {
    request.pipe(response.writeHead(201, { 'x-method': request.method }));
  });
  using http = openHttpCaller(server.url, 2);
  for (const body of ['größe', 'two']) {
    const answer = await http.call(`${server.url}/x`, { method: 'PUT', body, signal });
    expect(answer).toMatchObject({ status: 201, text: body, headers: { 'x-method': 'PUT' } });
  }
  expect(server.connections()).toBe(1);
});

test('an answer that breaks off is an error', async () => {
  await using server = await openServer((_request, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half');
    setImmediate(() => response.destroy());
  });
  using http = openHttpCaller(server.url, 1);
  await expect(http.call(server.url, { method: 'GET', signal })).rejects.toMatchObject({
    code: 'ECONNRESET',
  });
});

test("a call that is aborted rejects with its signal's reason", async () => {
  const controller = new AbortController();
  await using server = await openServer(() => controller.abort(new Error('not wanted any more')));
  using http = openHttpCaller(server.url, 1);
  const call = http.call(server.url, { method: 'GET', signal: controller.signal });
  await expect(call).rejects.toThrow('not wanted any more');
});
