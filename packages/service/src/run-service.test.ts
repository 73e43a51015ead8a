import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';

const dir = mkdtempSync(join(tmpdir(), 'xnai-run-'));
const script = fileURLToPath(new URL('./testing/test-service.ts', import.meta.url));
const key = `xnai_${'k'.repeat(43)}`;
const headers = { authorization: `Bearer ${key}` };
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(dir, { recursive: true }));

interface Service {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
  /** What it wrote so far. */
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

function launch(env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [script], {
    env: { XNAI_DATA_DIR: dir, XNAI_API_KEY: key, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, exit, output: () => output };
}

async function start(env?: Readonly<Record<string, string>>): Promise<Service> {
  const service = launch(env);
  const url = await vi.waitFor(
    () => {
      const found = /Server listening at (http:\S+?)"/.exec(service.output())?.[1];
      if (found === undefined) throw new Error(`not listening yet: ${service.output()}`);
      return found;
    },
    { timeout: 15_000 },
  );
  return { ...service, url, port: Number(new URL(url).port) };
}

describe('a service', () => {
  test('stops on SIGTERM: answers in flight finish, then it closes in reverse order with exit code 0', async () => {
    const { child, url, exit, output } = await start();
    const slow = fetch(`${url}/v1/slow?ms=300`, { headers });
    await vi.waitFor(() => expect(output()).toContain('slow began'));

    child.kill('SIGTERM');

    expect((await slow).status).toBe(200);
    expect((await slow).headers.get('connection')).toBe('close');
    expect(await exit).toBe(0);
    expect(output().match(/closed \w+/g)).toEqual(['closed second', 'closed first']);
    expect(output().indexOf('slow ended')).toBeLessThan(output().indexOf('closed second'));
  });

  test('serves on while balancers notice that it is not ready any more, and closes each connection', async () => {
    const { child, url, exit, output } = await start({ XNAI_STOP_DRAIN: '1s' });
    const ready = () => fetch(`${url}/readyz`);

    child.kill('SIGTERM');
    await vi.waitFor(() => expect(output()).toContain('stopping'));

    const [readiness, served] = await Promise.all([ready(), fetch(`${url}/v1/slow?ms=1200`, { headers })]);
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({
      status: 'unavailable',
      checks: { stop: { status: 'down' } },
    });
    expect(served.status).toBe(200);
    for (const { headers } of [readiness, served]) expect(headers.get('connection')).toBe('close');
    expect(await exit).toBe(0);
  });

  test('ends a stream without an end by an event that says why', async () => {
    const { child, url, exit } = await start();
    const { body } = await fetch(`${url}/v1/follow`, { headers });
    const events = body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await events?.read())?.value).toContain('event: began');

    child.kill('SIGTERM');

    expect((await events?.read())?.value).toMatch(/^event: error\ndata: {.*"code":"SHUTTING_DOWN"/);
    expect((await events?.read())?.done).toBe(true);
    expect(await exit).toBe(0);
  });

  test('refuses new requests while it stops, on connections that are open', async () => {
    const { child, port, exit, output } = await start();
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    const slow = `GET /v1/slow?ms=400 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n\r\n`;
    socket.write(slow);
    await vi.waitFor(() => expect(output()).toContain('slow began'));

    child.kill('SIGTERM');
    await vi.waitFor(() => expect(output()).toContain('stopping'));
    const refused = await new Promise((resolve) => {
      httpRequest({ port, host: '127.0.0.1', path: '/livez' }, resolve)
        .on('error', ({ message }) => resolve(message))
        .end();
    });

    expect(String(refused)).toMatch(/ECONNREFUSED|ECONNRESET/);
    expect(await exit).toBe(0);
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    expect(answer).toMatch(/connection: close/i);
  });

  test('gives up on a request that does not end, says so, and still closes the rest', async () => {
    const { child, url, exit, output } = await start({ TEST_GRACE_MS: '500' });
    const hanging = fetch(`${url}/v1/slow?ms=60000`, { headers }).catch((error: Error) => error.name);
    await vi.waitFor(() => expect(output()).toContain('slow began'));

    child.kill('SIGTERM');

    expect(await exit).toBe(1);
    expect(await hanging).toBe('TypeError');
    expect(output()).toMatch(/"what":"requests".*did not close in time/);
    expect(output().match(/closed \w+/g)).toEqual(['closed second', 'closed first']);
  });

  test('a signal that comes twice at once, from the terminal and from a parent, is one stop', async () => {
    const { child, url, exit, output } = await start();
    const slow = fetch(`${url}/v1/slow?ms=200`, { headers });
    await vi.waitFor(() => expect(output()).toContain('slow began'));

    child.kill('SIGINT');
    child.kill('SIGTERM');

    expect((await slow).status).toBe(200);
    expect(await exit).toBe(0);
  });

  test('a second signal ends it at once', async () => {
    const { child, url, exit, output } = await start({ TEST_GRACE_MS: '60000' });
    fetch(`${url}/v1/slow?ms=60000`, { headers }).catch(() => {});
    await vi.waitFor(() => expect(output()).toContain('slow began'));

    child.kill('SIGINT');
    await vi.waitFor(() => expect(output()).toContain('stopping'));
    await vi.waitFor(
      () => {
        child.kill('SIGINT');
        expect(output()).toContain('second signal');
      },
      { interval: 100, timeout: 5000 },
    );

    expect(await exit).toBe(1);
    expect(output()).toContain('second signal');
  });

  test('a closeable that hangs or fails does not keep it from stopping', async () => {
    const { child, exit, output } = await start({ TEST_GRACE_MS: '500', TEST_BAD_CLOSEABLES: '1' });

    child.kill('SIGTERM');

    expect(await exit).toBe(1);
    expect(output()).toMatch(/"what":"hanging".*did not close in time/);
    expect(output()).toMatch(/"what":"failing".*failed to close/);
    expect(output()).toContain('closed first');
  });

  test('an idle kept connection does not hold it up', async () => {
    const { child, url, exit } = await start();
    await (await fetch(`${url}/livez`)).text();

    child.kill('SIGTERM');

    expect(await exit).toBe(0);
  });

  test('a port that is taken is one clear line, exit code 1, and everything closed', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    const { exit, output } = launch({ TEST_PORT: String(port) });

    expect(await exit).toBe(1);
    const line = output()
      .split('\n')
      .find((text) => text.includes('cannot listen'));
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'fatal',
      port,
      reason: 'the port is taken by another process',
    });
    expect(output()).not.toContain('    at ');
    expect(output()).toContain('closed first');
    other.close();
  });

  test('bad configuration is a message without a stack, exit code 1', async () => {
    const { exit, output } = launch({ TEST_PORT: 'eighty', TEST_PROT: '1' });

    expect(await exit).toBe(1);
    expect(output()).toBe(`The configuration has 2 problems:
  - TEST_PROT is not a known variable; did you mean TEST_PORT?
  - TEST_PORT="eighty": expected a port from 0 to 65535
`);
  });

  test('an unhandled rejection is logged and ends the process with 1', async () => {
    const { url, exit, output } = await start();

    await fetch(`${url}/v1/reject`, { headers }).catch(() => {});

    expect(await exit).toBe(1);
    expect(output()).toMatch(/"level":"fatal".*not handled/);
  });

  test('drops a client that never ends its headers', { timeout: 30_000 }, async () => {
    const { port } = await start({ TEST_HEADERS_TIMEOUT_MS: '100' });
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n');

    await once(socket, 'close');

    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  test('answers nonsense with a bare 400 and drops the connection', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.write('this is not HTTP\r\n\r\n');

    await once(socket, 'close');

    expect(answer).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
});
