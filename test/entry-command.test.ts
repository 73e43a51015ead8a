import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePorts, waitUntil } from '@xnai/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const PATH = process.env['PATH'] ?? '';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const makeReady = () => writeFileSync(join(folder, 'ready'), '');
const writeCount = (count: number) =>
  writeFileSync(join(folder, 'count'), `${count} ${Math.floor(Date.now() / 1000)}\n`);
const readCount = () => Number(readFileSync(join(folder, 'count'), 'utf8').split(' ')[0]);

/** A script of `containers`, as a process that a test can look at from outside. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn('sh', args, { cwd: root, env: { PATH, STARTS_DIR: folder, ...env }, detached: true });
  onTestFinished(() => endGroup(child.pid));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { ended, output: () => output, stop: () => child.kill('SIGTERM') };
}

/** What a failed test leaves: with its folder gone it would wait for ever. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

const start = (command: readonly string[], env?: Readonly<Record<string, string>>) =>
  run(['containers/start.sh', ...command], env);

describe('the port of a service that has not started', () => {
  const statusOf = (url: string) => fetch(url).then(({ status }) => status, String);
  const service = ['node', '-e', 'console.log("runs")'];

  it('answers /livez with 503 while a crash loop pauses', async () => {
    makeReady();
    writeCount(3);
    const [port = 0] = await findFreePorts(1);
    const { ended, output } = start(['-p', String(port), ...service]);

    await expect.poll(() => statusOf(`http://127.0.0.1:${port}/livez`)).toBe(503);
    const readyz = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(readyz.status).toBe(503);
    expect(await readyz.json()).toMatchObject({ checks: { start: { status: 'down' } } });
    expect(await ended).toBe(0);
    expect(output()).toBe(
      'start: the command ended 3 times in a row within a minute of its start; next start in 2 s\nruns\n',
    );
  });

  it('answers /livez with 503 while the files of the service are missing', async () => {
    const [port = 0] = await findFreePorts(1);
    const { ended, output } = start(['-p', String(port), ...service]);

    await expect.poll(() => statusOf(`http://127.0.0.1:${port}/livez`)).toBe(503);
    const readyz = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(await readyz.json()).toMatchObject({ checks: { start: { status: 'starting' } } });
    expect(output()).toBe('');
    makeReady();
    expect(await ended).toBe(0);
    expect(output()).toBe('runs\n');
  });

  it('belongs to the service as soon as it runs', async () => {
    makeReady();
    writeCount(2);
    const [port = 0] = await findFreePorts(1);
    const answers = 'require("node:http").createServer((_, r) => r.end()).listen(process.argv[1])';
    const { ended, stop } = start(['-p', String(port), 'node', '-e', answers, String(port)]);

    await expect.poll(() => statusOf(`http://127.0.0.1:${port}/livez`), { timeout: 10_000 }).toBe(200);
    stop();
    await ended;
  });
});

describe('the count of quick ends', () => {
  const untilStopped =
    'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1e6); console.log("runs")';

  it('holds crashes, whose exit code goes on to the engine', async () => {
    makeReady();
    for (const count of [1, 2]) {
      expect(await start(['node', '-e', 'process.exit(7)']).ended).toBe(7);
      expect(readCount()).toBe(count);
    }
    const { ended, output } = start(['node', '-e', 'process.kill(process.pid, "SIGKILL")']);
    expect(await ended).toBe(128 + 9);
    expect(output()).toContain('ended 2 times in a row within a minute of its start; next start in 1 s');
  });

  it('holds no stop on request, whatever the exit code', async () => {
    makeReady();
    for (const [script, code] of [
      [untilStopped, 0],
      ['setInterval(() => {}, 1e6); console.log("runs")', 128 + 15],
      [untilStopped, 0],
      [untilStopped, 0],
    ] as const) {
      const { ended, output, stop } = start(['node', '-e', script]);
      await waitUntil('the command runs', () => output() === 'runs\n', { describe: output });
      stop();
      expect(await ended).toBe(code);
      expect(existsSync(join(folder, 'count'))).toBe(false);
    }
  });

  it('is not used where systemd makes the pauses', async () => {
    makeReady();
    writeCount(8);
    const { ended, output } = start(['node', '-e', 'console.log("runs")'], { RESTART_BACKOFF: 'systemd' });

    expect(await ended).toBe(0);
    expect(output()).toBe('runs\n');
    expect(readCount()).toBe(8);
  });
});

describe('the service `secrets`, when it cannot write the files', () => {
  /** A `node` that fails, and notes each call. */
  const failing = () => {
    writeFileSync(join(folder, 'node'), `#!/bin/sh\necho called >>"${folder}/calls"\nexit 1\n`, {
      mode: 0o755,
    });
    return { PATH: `${folder}${delimiter}${PATH}` };
  };
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').length;

  it('tries again without an end', async () => {
    const { ended, stop } = run(['containers/secrets.sh'], failing());

    await waitUntil('it tries again', () => existsSync(join(folder, 'calls')) && calls() >= 2);
    stop();
    expect(await ended).toBe('SIGTERM');
  });

  it('ends where systemd makes the pauses', async () => {
    expect(await run(['containers/secrets.sh'], { ...failing(), RESTART_BACKOFF: 'systemd' }).ended).toBe(1);
    expect(calls()).toBe(1);
  });
});
