import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { exposedSockets } from '@xnai/egress';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'xnai-exposed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the service with something in its process that listens as well, and gives all that it prints. */
async function runBeside(host: string): Promise<{ output: string; code: number | null }> {
  const listen = `import { createServer } from 'node:net'; createServer().listen(0, '${host}').unref();`;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    cwd: folder,
    env: {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(listen)}`,
      CRAWL_PORT: '0',
      CRAWL_WORK_DIR: folder,
      CRAWL_WORK_DIR_ANYWHERE: 'true',
      CRAWL_CHROMIUM: '/nonexistent',
      XNAI_API_KEYS_FILE: join(folder, 'keys.json'),
      REDIS_URL: `unix://${folder}/no-redis.sock`,
    },
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const errors = text(child.stderr);
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (/Server listening/.test(output)) child.kill('SIGKILL');
  }
  const [code] = await ended;
  return { output: output + (await errors), code };
}

test('the service refuses to run when anything but its API can be reached from outside', async () => {
  for (const host of ['0.0.0.0', '::']) {
    const { output, code } = await runBeside(host);
    expect(output).toMatch(/refusing to run: something other than the API listens beyond loopback/);
    expect(output).not.toContain('Server listening');
    expect(code).toBe(1);
  }
});

test('what listens on loopback does not trouble it', async () => {
  expect((await runBeside('127.0.0.1')).output).toContain('Server listening');
});

test('Crawlee and Playwright open no port when they are loaded', async () => {
  const before = exposedSockets();
  await import('@crawlee/basic');
  await import('playwright-core');
  expect(exposedSockets()).toEqual(before);
});
