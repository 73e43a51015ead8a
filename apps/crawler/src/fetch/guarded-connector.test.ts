import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalSite, openLocalSite } from './fixtures/local-site.ts';
import { createGuardedConnector } from './guarded-connector.ts';

let inside: LocalSite;
beforeAll(async () => {
  inside = await openLocalSite({ '/': 'secret' }, '::');
});
afterAll(() => inside[Symbol.asyncDispose]());

function connect(hostname: string, allowedOrigins: readonly string[] = []): Promise<string> {
  const connector = createGuardedConnector({
    allowedOrigins: new Set(allowedOrigins),
    connectTimeoutMs: 1000,
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  connector({ protocol: 'http:', hostname, port: String(inside.port) }, (error, socket) => {
    socket?.destroy();
    resolve(error === null ? 'connected' : ((error as { code?: string }).code ?? error.message));
  });
  return promise;
}

test.each(['127.0.0.1', '::1', '[::1]', '::ffff:127.0.0.1', '0.0.0.0', '::', 'localhost'])(
  'the connector refuses %s by itself, whoever forgot to check before',
  async (hostname) => {
    const before = inside.connections();
    expect(await connect(hostname)).toBe('not-public');
    expect(inside.connections()).toBe(before);
  },
);

test('an allowed origin is connected to, in both forms of an IPv6 host', async () => {
  const origin = `http://[::1]:${inside.port}`;
  expect(await connect('::1', [origin])).toBe('connected');
  expect(await connect('127.0.0.1', [`http://127.0.0.1:${inside.port}`])).toBe('connected');
  expect(await connect('127.0.0.1', [origin])).toBe('not-public');
});
