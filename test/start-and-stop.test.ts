import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf, descendantsOf, findFreePorts, isAlive, waitUntil } from '@xnai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed, onTestFinished } from 'vitest';
import { all, makeDataFolder, type StackProcess, spawnStack, untilUp } from './support/stack.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const STOP_MS = 5_000;

describe('npm start', { timeout: 90_000 }, () => {
  describe('that is up', () => {
    let up: Started;
    let logFolder: string;
    beforeAll(async () => {
      logFolder = await mkdtemp(join(tmpdir(), 'xnai-logs-'));
      up = await begin({ LOG_DIR: logFolder });
      await untilUp(up.stack);
    }, 90_000);
    afterAll(async () => {
      await up?.[Symbol.asyncDispose]();
      await rm(logFolder, { recursive: true });
    });
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') console.log(all(up.stack));
    });

    it('prints where it is, the key it made and what to type next', async () => {
      const { stack, ports, dataDir } = up;
      const said = stack.output();
      expect(said).toContain(`http://127.0.0.1:${ports.rag}`);
      expect(said).toContain(`http://127.0.0.1:${ports.crawler}`);
      expect(said).toContain(dataDir);
      expect(said.match(/^ {2}curl -s http.*$/gm)).toHaveLength(3);
      expect(said).toMatch(/a model: answers are extractive/);
      const [, key] = /KEY=(xnai_[\w-]{43})\n/.exec(said) ?? [];
      const response = await fetch(`http://127.0.0.1:${ports.rag}/v1/collections`, {
        headers: { authorization: `Bearer ${key}` },
      });
      expect(response.status).toBe(200);
    });

    it('prints commands that work as they stand', async () => {
      const { stack } = up;
      const lines =
        stack
          .output()
          .match(/^ {2}(KEY=\S+|curl -s .*)$/gm)
          ?.map((line) => line.trim()) ?? [];
      expect(lines).toHaveLength(4);
      const { stdout } = spawnSync('sh', ['-c', lines.join('; echo; ')], { encoding: 'utf8' });
      const answers = stdout
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
      expect(answers[0]).toMatchObject({ status: 'queued', collection: 'default' });
      expect(answers[1].crawls).toHaveLength(1);
      // Nothing is indexed (yet): the collection need not exist.
      expect(answers[2].mode ?? answers[2].code).toMatch(/^(none|COLLECTION_NOT_FOUND)$/);
    });

    it('logs JSON into LOG_DIR too', async () => {
      const names = await waitUntil('both services have written a log', () => {
        const found = readdirSync(logFolder);
        return (
          found.some((name) => name.startsWith('rag')) &&
          found.some((name) => name.startsWith('crawler')) &&
          found
        );
      });
      for (const name of names) {
        for (const line of readFileSync(join(logFolder, name), 'utf8').trim().split('\n')) JSON.parse(line);
      }
    });

    it('refuses a data folder that another one is using', async () => {
      const second = await start({ XNAI_DATA_DIR: up.dataDir });
      expect(await second.stack.exited).toBe(1);
      expect(second.stack.logs()).toContain('another stack is using the data folder');
    });

    it('refuses a symbolic link to a data folder that another one is using, and leaves its keys alone', async () => {
      const { stack, dataDir, ports } = up;
      const [, key] = /KEY=(xnai_[\w-]{43})\n/.exec(stack.output()) ?? [];
      const link = `${dataDir}-link`;
      await symlink(dataDir, link);
      onTestFinished(() => rm(link));
      const second = await start({ XNAI_DATA_DIR: link });
      expect(await second.stack.exited).toBe(1);
      expect(second.stack.logs()).toContain('another stack is using the data folder');
      const response = await fetch(`http://127.0.0.1:${ports.rag}/v1/collections`, {
        headers: { authorization: `Bearer ${key}` },
      });
      expect(response.status).toBe(200);
    });

    it('starts a service again that has crashed, and says so', async () => {
      const { stack, ports } = up;
      const rag = descendantsOf(stack.pid).find((pid) => commandOf(pid).includes('apps/rag/'));
      process.kill(Number(rag), 'SIGKILL');
      await waitUntil('rag is started again', () =>
        stack.output().includes('rag ended (signal SIGKILL); starting it again'),
      );
      const url = `http://127.0.0.1:${ports.rag}/livez`;
      await waitUntil('rag answers again', () =>
        fetch(url).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
    });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves no process and no file behind after %s',
    async (signal) => {
      const { stack, dataDir, runtimeDir } = await start();
      await untilUp(stack);
      const children = descendantsOf(stack.pid);
      expect(children.length).toBeGreaterThanOrEqual(hasRedis ? 3 : 2);
      const { code, tookMs } = await stack.end(signal);
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(STOP_MS);
      expect(stack.logs()).not.toMatch(/"level":"(error|fatal)"/);
      expect(children.filter(isAlive)).toEqual([]);
      expect(readdirSync(runtimeDir)).toEqual([]);
      expect(readdirSync(dataDir).filter((name) => !name.includes('.lock'))).toEqual([
        'audit',
        'audit-key',
        'index',
        'keys.json',
        ...(hasRedis ? ['redis'] : []),
      ]);
    },
  );

  it('stops when the signal comes before it is up', async () => {
    const { stack } = await start();
    await waitUntil('a child process is there', () => descendantsOf(stack.pid).length > 0);
    const children = descendantsOf(stack.pid);
    const { code, tookMs } = await stack.end('SIGINT');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(STOP_MS);
    expect(children.filter(isAlive)).toEqual([]);
  });

  it('does not show the key a second time, and keeps it valid', async () => {
    const first = await start();
    await untilUp(first.stack);
    const [, key] = /KEY=(xnai_[\w-]{43})\n/.exec(first.stack.output()) ?? [];
    await first.stack.end('SIGINT');
    const second = await start({ XNAI_DATA_DIR: first.dataDir });
    await untilUp(second.stack);
    expect(second.stack.output()).not.toContain('xnai_');
    const response = await fetch(`http://127.0.0.1:${second.ports.rag}/v1/collections`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(200);
  });

  it.each([
    ['rag', 'RAG_PORT'],
    ['crawler', 'CRAWL_PORT'],
  ])('says who has the port of %s and how to take another', async (service, variable) => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as { port: number };
    const { stack } = await start({ [variable]: String(port) });
    expect(await stack.exited).toBe(1);
    expect(stack.logs()).toContain(`${service} cannot listen on 127.0.0.1:${port}`);
    expect(stack.logs()).toContain(`(process ${process.pid})`);
    expect(stack.logs()).toContain(`${variable}=`);
    expect(stack.logs()).not.toMatch(/^\s+at /m);
  });

  it('runs beside another one with other ports and another data folder', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    await Promise.all([untilUp(one.stack), untilUp(other.stack)]);
    await one.stack.end('SIGINT');
    const response = await fetch(`http://127.0.0.1:${other.ports.rag}/livez`);
    expect(response.status).toBe(200);
  });

  it('ends its children when it is killed, and clears up at the next start', async () => {
    const { stack, dataDir, ports, runtimeDir } = await start();
    await untilUp(stack);
    const children = descendantsOf(stack.pid);
    await stack.end('SIGKILL');
    // At once, with the same ports and folder: it has to wait for what is left of the first.
    const second = await start({
      XNAI_DATA_DIR: dataDir,
      XDG_RUNTIME_DIR: runtimeDir,
      RAG_PORT: String(ports.rag),
      CRAWL_PORT: String(ports.crawler),
    });
    await untilUp(second.stack);
    expect(children.filter(isAlive)).toEqual([]);
    await second.stack.end('SIGINT');
    expect(readdirSync(runtimeDir)).toEqual([]);
  });

  it('stops everything when a service cannot start', async () => {
    const { stack } = await start({ CRAWL_SCHEDULES_FILE: '/proc/version' });
    expect(await stack.exited).toBe(1);
    expect(stack.logs()).toContain('/proc/version is no valid file of schedules');
    expect(stack.logs()).toContain('crawler did not start (exit code 1)');
    expect(descendantsOf(stack.pid)).toEqual([]);
  });

  it('lists all problems of the configuration at once, those of the services too', async () => {
    const stack = spawnStack({ RAG_NO_SUCH_SETTING: '1', CRAWL_PORT: '99999' });
    onTestFinished(async () => void (await stack.end('SIGTERM')));
    expect(await stack.exited).toBe(1);
    expect(stack.logs()).toContain('RAG_NO_SUCH_SETTING is not a known variable');
    expect(stack.logs()).toContain('CRAWL_PORT');
    expect(stack.logs()).not.toMatch(/^\s+at /m);
  });

  it('goes on with a warning when LOG_DIR cannot be written', async () => {
    const { stack } = await start({ LOG_DIR: '/proc/no-such-folder' });
    await untilUp(stack);
    expect(stack.logs()).toMatch(/"level":"warn".*\/proc\/no-such-folder/);
  });

  it('starts without any Redis, and says what that means', async () => {
    const { stack, ports } = await start({ PATH: pathWithoutRedis() });
    await untilUp(stack);
    expect(stack.output()).toContain('Redis: crawls are off');
    const key = /KEY=(xnai_[\w-]{43})\n/.exec(stack.output())?.[1];
    const send = (port: number, path: string, body: object) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: path.startsWith('/v1/collections') ? 'PUT' : 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const stored = await send(ports.rag, '/v1/collections/default/documents/a', {
      content: 'The lighthouse of Port Ellery is 31 metres high.',
      content_type: 'text/plain',
    });
    expect(stored.status).toBe(201);
    const answer = await send(ports.rag, '/v1/query', { query: 'How high is the lighthouse?' });
    expect(((await answer.json()) as { answer: string }).answer).toContain('31 metres');
    const crawl = await send(ports.crawler, '/v1/crawls', { url: 'https://example.org/' });
    expect(crawl.status).toBe(503);
    expect(Number(crawl.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

interface Started extends AsyncDisposable {
  readonly stack: StackProcess;
  readonly ports: { readonly rag: number; readonly crawler: number };
  readonly dataDir: string;
  /** Where it puts sockets and secrets. */
  readonly runtimeDir: string;
}

/** For one test, with which it ends. */
async function start(env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const started = await begin(env);
  onTestFinished(() => started[Symbol.asyncDispose]());
  onTestFailed(() => console.log(all(started.stack)));
  return started;
}

/** A start on free ports, and with folders of its own where none are given, until it is disposed of. */
async function begin(env: Readonly<Record<string, string>>): Promise<Started> {
  const held = new AsyncDisposableStack();
  const [rag = 0, crawler = 0] = await findFreePorts(2);
  const own = (folder: string) => held.adopt(folder, () => rm(folder, { recursive: true, force: true }));
  const dataDir = env['XNAI_DATA_DIR'] ?? own(await makeDataFolder());
  const runtimeDir = env['XDG_RUNTIME_DIR'] ?? own(await mkdtemp(join(memoryFolder(), 'xnai-runtime-')));
  const stack = spawnStack({
    XNAI_DATA_DIR: dataDir,
    XDG_RUNTIME_DIR: runtimeDir,
    RAG_PORT: String(rag),
    CRAWL_PORT: String(crawler),
    ...env,
  });
  held.defer(async () => void (await stack.end('SIGTERM')));
  const dispose = () => held.disposeAsync();
  return { stack, ports: { rag, crawler }, dataDir, runtimeDir, [Symbol.asyncDispose]: dispose };
}

function memoryFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

/** No folder that has a Redis; `sh` alone is needed. */
function pathWithoutRedis(): string {
  return '/nonexistent';
}
