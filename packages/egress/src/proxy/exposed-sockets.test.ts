import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { assertNothingExposed, ExposedError, exposedSockets } from './exposed-sockets.ts';

test.each([
  ['127.0.0.1', false],
  ['127.8.8.8', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['0.0.0.0', true],
  ['::', true],
])('a socket that listens on %s is reachable from outside: %s', async (host, isExposed) => {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(exposedSockets().some((socket) => socket.port === port)).toBe(isExposed);
  if (isExposed) expect(() => assertNothingExposed()).toThrow(ExposedError);
  server.close();
  await once(server, 'close');
  expect(exposedSockets().some((socket) => socket.port === port)).toBe(false);
});
